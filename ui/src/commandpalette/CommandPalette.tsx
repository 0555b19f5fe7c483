import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { composing } from "../ds/TextInput";
import type { Context } from "../editor/commands/command";
import { t } from "../words";
import styles from "./CommandPalette.module.css";
import { type Elsewhere, entriesFor, type Entry, kindName, remember } from "./entries";
import { icons } from "./icons";

function Row({ entry, id, chosen, onChoose, onPoint }: { entry: Entry; id: string; chosen: boolean; onChoose: () => void; onPoint: () => void }) {
  const Icon = icons[entry.icon];
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView?.({ block: "nearest" });
  }, [chosen]);
  return (
    // The field has the focus and the keys; the rows only answer to the pointer.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/prefer-tag-over-role
    <div ref={row} id={id} role="option" tabIndex={-1} aria-selected={chosen} className={styles.row} onClick={onChoose} onPointerMove={onPoint}>
      {Icon !== undefined && <Icon size={16} aria-hidden="true" className={styles.icon} />}
      <span className={styles.name}>{entry.name}</span>
      <span className={styles.detail}>{entry.detail}</span>
      <span className={styles.kind}>{kindName(entry.kind)}</span>
      {entry.keys !== "" && <kbd className={styles.keys}>{entry.keys}</kbd>}
    </div>
  );
}

/** CommandPalette searches the flow, and runs commands by name. */
export function CommandPalette({ ctx, elsewhere, onClose }: { ctx: Context; elsewhere: readonly Elsewhere[]; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  // What is enabled is judged when the palette opens and with each letter.
  const entries = useMemo(() => entriesFor(text, ctx, elsewhere), [text, ctx, elsewhere]);
  const chosen = Math.min(at, entries.length - 1);
  useEffect(() => {
    const el = dialog.current;
    if (el !== null && !el.open) el.showModal();
    return () => el?.close();
  }, []);
  const choose = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    remember(entry.id);
    onClose();
    entry.run();
  };
  const keys = (e: KeyboardEvent) => {
    if (composing(e)) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[e.key];
    if (step !== undefined) {
      const n = entries.length;
      const next = chosen + step;
      setAt(n === 0 ? 0 : Math.abs(step) === 1 ? (next + n) % n : Math.max(0, Math.min(n - 1, next)));
    } else if (e.key === "Enter") choose(entries[chosen]);
    else if (e.key === "Escape") onClose();
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return (
    // A press beside the palette closes it; Escape does by keys.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <dialog ref={dialog} className={styles.palette} aria-label={t("tools.palette")} onCancel={onClose} onMouseDown={(e) => e.target === dialog.current && onClose()}>
      <div className={styles.box}>
        <input
          className={styles.field} type="text" role="combobox" aria-label={t("tools.palette")} aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list"
          aria-activedescendant={entries[chosen] === undefined ? undefined : `palette-${chosen}`} placeholder={t("tools.paletteHint")} autoFocus spellCheck={false} autoComplete="off"
          value={text} onChange={(e) => { setText(e.target.value); setAt(0); }} onKeyDown={keys}
        />
        {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role */}
        <div id="palette-list" role="listbox" aria-label={t("tools.paletteFound")} className={styles.list}>
          {entries.map((entry, i) => (
            <Row key={entry.id} id={`palette-${i}`} entry={entry} chosen={i === chosen} onChoose={() => choose(entry)} onPoint={() => i !== chosen && setAt(i)} />
          ))}
        </div>
        {entries.length === 0 && <p className={styles.none}>{t("tools.paletteNone")}</p>}
        <output className="sr">{t("tools.paletteCount", { n: entries.length })}</output>
      </div>
    </dialog>
  );
}
