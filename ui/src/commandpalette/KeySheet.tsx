import { Fragment } from "react";
import { Dialog } from "../ds/Dialog";
import { commands } from "../editor/commands/all";
import type { CommandGroup } from "../editor/commands/command";
import { keysText } from "../editor/commands/keymap";
import { type Key, t } from "../words";
import styles from "./KeySheet.module.css";

const groups: Record<CommandGroup, Key> = {
  edit: "tools.ofEdit", select: "tools.ofSelect", arrange: "tools.ofArrange", group: "tools.ofGroup", canvas: "tools.ofCanvas", run: "tools.ofRun", view: "tools.ofView",
};

/** Keys of the canvas that are no commands: they move about. */
const moving: [Key, string[]][] = [["tools.moveNearest", ["ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"]], ["tools.moveAlong", ["Tab", "Shift+Tab"]], ["tools.moveMore", ["Shift+ArrowRight"]], ["tools.moveMenu", ["Shift+F10"]]];

/** What the pages are built with, where it lives. */
const credits: [name: string, url: string][] = [
  ["React Flow", "https://reactflow.dev"], ["React", "https://react.dev"], ["Radix", "https://www.radix-ui.com"], ["TanStack", "https://tanstack.com"], ["CodeMirror", "https://codemirror.net"],
  ["dagre", "https://github.com/dagrejs/dagre"], ["Lingui", "https://lingui.dev"], ["Lucide", "https://lucide.dev"], ["Inter", "https://rsms.me/inter"],
];

function Line({ name, keys }: { name: Key; keys: readonly string[] }) {
  return (
    <div className={styles.line}>
      <dt>{t(name)}</dt>
      <dd>{keys.map((k) => <kbd key={k}>{keysText(k)}</kbd>)}</dd>
    </div>
  );
}

/** KeySheet lists all keys. */
export function KeySheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t("tools.keys")} onClose={onClose} wide>
      <div className={styles.sheet} role="group" aria-label={t("tools.keys")} tabIndex={0}>
        {(Object.keys(groups) as CommandGroup[]).map((group) => (
          <section key={group} className={styles.part} aria-label={t(groups[group])}>
            <h3 className={styles.title}>{t(groups[group])}</h3>
            <dl className={styles.lines}>
              {group === "canvas" && moving.map(([name, keys]) => <Line key={name} name={name} keys={keys} />)}
              {commands.filter((c) => c.group === group && c.keys.length > 0).map((c) => <Line key={c.id} name={c.name} keys={c.keys} />)}
            </dl>
          </section>
        ))}
      </div>
      <p className={styles.credits}>
        {t("tools.builtWith")}{" "}
        {credits.map(([name, url], i) => (
          <Fragment key={name}>{i > 0 && ", "}<a href={url} target="_blank" rel="noreferrer">{name}</a></Fragment>
        ))}.
      </p>
    </Dialog>
  );
}
