import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";
import styles from "./Tabs.module.css";

export interface Tab {
  id: string;
  label: string;
  /** mark is a short text beside the label, such as a count of problems. */
  mark?: string;
  content: ReactNode;
}

/** Tabs shows one of several views; only the one shown is there. */
export function Tabs({ label, tabs, value, onChange }: { label: string; tabs: readonly Tab[]; value: string; onChange: (id: string) => void }) {
  const shown = tabs.some((t) => t.id === value) ? value : (tabs[0]?.id ?? "");
  return (
    <Radix.Root className={styles.tabs} value={shown} onValueChange={onChange}>
      <Radix.List className={styles.list} aria-label={label}>
        {tabs.map((t) => (
          <Radix.Trigger key={t.id} value={t.id} className={styles.tab}>
            {t.label}
            {t.mark !== undefined && <span className={styles.mark}>{t.mark}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((t) => (
        <Radix.Content key={t.id} value={t.id} className={styles.content}>{t.content}</Radix.Content>
      ))}
    </Radix.Root>
  );
}
