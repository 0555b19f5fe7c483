import { DropdownMenu as Radix } from "radix-ui";
import { type ReactElement, type ReactNode, useState } from "react";
import { landmark } from "./landmark";
import styles from "./Menu.module.css";

export interface MenuItem {
  id: string;
  label: string;
  icon?: ReactNode;
  /** keys are the shortcut, for the eye. */
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  /** checked makes a box of the item. */
  checked?: boolean;
  onSelect: () => void;
}

/** Menu is a list of verbs at a button; "-" is a line between them. */
export function Menu({ trigger, items, label, align = "end" }: { trigger: ReactElement; items: readonly (MenuItem | "-")[]; label?: string; align?: "start" | "end" }) {
  // It is known once the menu opens which part of the page it stands in.
  const [open, setOpen] = useState(false);
  return (
    <Radix.Root modal={false} open={open} onOpenChange={setOpen}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={landmark()}>
        <Radix.Content className={styles.menu} align={align} sideOffset={4} collisionPadding={8} aria-label={label}>
          {items.map((item, i) => (item === "-" ? <Radix.Separator key={`line ${i}`} className={styles.line} /> : <Entry key={item.id} item={item} />))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Entry({ item }: { item: MenuItem }) {
  const inside = (
    <>
      <span className={styles.icon} aria-hidden="true">{item.checked === true ? "✓" : item.icon}</span>
      <span className={styles.label}>{item.label}</span>
      {item.keys !== undefined && <kbd className={styles.keys}>{item.keys}</kbd>}
    </>
  );
  const shared = { className: styles.item, "data-danger": item.danger || undefined, disabled: item.disabled, onSelect: item.onSelect };
  return item.checked === undefined ? <Radix.Item {...shared}>{inside}</Radix.Item> : <Radix.CheckboxItem {...shared} checked={item.checked}>{inside}</Radix.CheckboxItem>;
}
