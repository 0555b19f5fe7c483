import { DropdownMenu } from "radix-ui";
import type { KindMap } from "../api/kinds";
import { refOf } from "../editor/model/ports";
import { usePlace } from "../lib/place";
import { t } from "../words";
import { type Menu, useBoard } from "./board";
import styles from "./CanvasMenu.module.css";

/** CanvasMenu offers what can be done with a card, a wire, or the canvas. */
export function CanvasMenu({ menu, onClose }: { menu: Menu; kinds: KindMap; onClose: () => void }) {
  const [, go] = usePlace();
  const set = useBoard((b) => b.set);
  const { type, slug } = refOf(menu.target);
  const item = (label: string, act: () => void, keys = "") => (
    <DropdownMenu.Item key={label} className={styles.item} onSelect={act}>
      {label}
      {keys !== "" && <kbd>{keys}</kbd>}
    </DropdownMenu.Item>
  );
  return (
    <DropdownMenu.Root open onOpenChange={(open) => open || onClose()} modal={false}>
      <DropdownMenu.Trigger asChild>
        <span className={styles.point} style={{ left: menu.at.x, top: menu.at.y }} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={styles.menu} align="start" sideOffset={2} collisionPadding={8} onCloseAutoFocus={(e) => e.preventDefault()}>
          {menu.target === "" && item(t("canvas.add"), () => set({ menu: undefined, asking: { at: menu.at, spot: { x: menu.spot.x - 104, y: menu.spot.y - 46 } } }), "/")}
          {type === "group" && menu.target !== "" && item(t("canvas.openGroup"), () => go({ group: slug, open: "" }), "Enter")}
          {menu.target !== "" && item(t("canvas.openNode"), () => go({ open: menu.target }))}
          {type === "wire" && item(t("canvas.queue"), () => go({ drawer: "queue", wire: slug, item: "" }))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
