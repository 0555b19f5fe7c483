import { DropdownMenu } from "radix-ui";
import { landmark } from "../ds/landmark";
import { commandOf } from "../editor/commands/all";
import type { Context } from "../editor/commands/command";
import { keysText } from "../editor/commands/keymap";
import { refOf } from "../editor/model/ports";
import { usePlace } from "../lib/place";
import { t } from "../words";
import { type Menu, useBoard } from "./board";
import styles from "./CanvasMenu.module.css";

const forCanvas = ["paste", "note", "select-all", "|", "tidy", "fit", "lens", "|", "leave-group"];
const forWire = ["delete"];
const forLabel = ["rename", "|", "color-amber", "color-green", "color-blue", "color-violet", "color-red", "color-none", "|", "copy", "duplicate", "delete"];
const forCards = ["start", "stop", "once", "enable", "disable", "|", "verify", "clear-state", "end-rest", "|", "cut", "copy", "duplicate", "rename", "rename-slug", "|", "group", "ungroup", "move-out", "|",
  "align-left", "align-top", "distribute-h", "distribute-v", "tidy", "|", "delete", "delete-reconnect"];

/** shown leaves out what cannot be done here, and lines that part nothing. */
export function shown(ids: readonly string[], enabled: (id: string) => boolean): string[] {
  const list = ids.filter((id) => id === "|" || enabled(id));
  return list.filter((id, i) => id !== "|" || (i > 0 && list[i - 1] !== "|" && list.slice(i).some((x) => x !== "|")));
}

/** CanvasMenu offers what can be done with a card, a wire, or the canvas. */
export function CanvasMenu({ menu, commands, onClose }: { menu: Menu; commands: Context | undefined; onClose: () => void }) {
  const [, go] = usePlace();
  const set = useBoard((b) => b.set);
  const { type, slug } = refOf(menu.target);
  const ctx: Context | undefined = commands === undefined ? undefined : { ...commands, point: [menu.spot.x, menu.spot.y] };
  const ids = menu.target === "" ? forCanvas : type === "wire" ? forWire : type === "label" ? forLabel : forCards;
  const item = (label: string, act: () => void, keys = "", color?: string) => (
    <DropdownMenu.Item key={label} className={styles.item} onSelect={act}>
      <span>{color !== undefined && <i className={styles.color} data-color={color} />}{label}</span>
      {keys !== "" && <kbd>{keysText(keys)}</kbd>}
    </DropdownMenu.Item>
  );
  const spot = { x: menu.spot.x - 104, y: menu.spot.y - 46 };
  return (
    <DropdownMenu.Root open onOpenChange={(open) => open || onClose()} modal={false}>
      <DropdownMenu.Trigger asChild>
        <span aria-hidden="true" className={styles.point} style={{ left: menu.at.x, top: menu.at.y }} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={landmark()}>
        <DropdownMenu.Content className={styles.menu} align="start" sideOffset={2} collisionPadding={8} aria-label={t("canvas.title")} onCloseAutoFocus={(e) => e.preventDefault()}>
          {menu.target === "" && item(t("canvas.add"), () => set({ menu: undefined, asking: { at: menu.at, spot } }), "/")}
          {type === "group" && item(t("canvas.openGroup"), () => go({ group: slug, open: "" }), "Enter")}
          {type === "wire" && item(t("canvas.queue"), () => go({ drawer: "queue", wire: slug, item: "" }))}
          {type === "wire" && item(t("canvas.splice"), () => set({ menu: undefined, asking: { at: menu.at, spot, wire: menu.target } }))}
          {menu.target !== "" && item(t("canvas.properties"), () => go({ open: menu.target, tab: "properties" }))}
          {ctx !== undefined && <DropdownMenu.Separator className={styles.line} />}
          {ctx !== undefined && shown(ids, (id) => commandOf(id).enabled(ctx)).map((id, i) => {
            if (id === "|") return <DropdownMenu.Separator key={`line ${i}`} className={styles.line} />;
            const c = commandOf(id);
            return item(t(c.name), () => void c.run(ctx), c.keys[0] ?? "", id.startsWith("color-") ? id.slice(6) : undefined);
          })}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
