import { type KeyboardEvent, useMemo, useState } from "react";
import { composing } from "../ds/TextInput";
import { t } from "../words";
import type { Choice } from "./choices";
import styles from "./Outline.module.css";

/** Ask lets somebody choose one of many by typing; Escape leaves. */
export function Ask({ title, choices, onPick, onClose }: { title: string; choices: (text: string) => Choice[]; onPick: (id: string) => void; onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useMemo(() => choices(text), [choices, text]);
  const chosen = Math.min(at, list.length - 1);
  const keys = (e: KeyboardEvent) => {
    if (composing(e)) return;
    if (e.key === "ArrowDown") setAt(Math.min(chosen + 1, list.length - 1));
    else if (e.key === "ArrowUp") setAt(Math.max(0, chosen - 1));
    else if (e.key === "Enter" && list[chosen] !== undefined) onPick(list[chosen].id);
    else if (e.key === "Escape") onClose();
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return (
    <div className={styles.ask}>
      <input className={styles.field} role="combobox" aria-label={title} placeholder={title} aria-expanded="true" aria-controls="outline-choices" aria-autocomplete="list" autoFocus spellCheck={false}
        aria-activedescendant={list[chosen] === undefined ? undefined : `outline-choice-${chosen}`} value={text} onChange={(e) => { setText(e.target.value); setAt(0); }} onKeyDown={keys} />
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a list beside a text, which no element is */}
      <div id="outline-choices" role="listbox" aria-label={title} className={styles.choices}>
        {list.map((c, i) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/prefer-tag-over-role -- the field takes the keys
          <div key={c.id} id={`outline-choice-${i}`} role="option" tabIndex={-1} aria-selected={i === chosen} className={styles.choice} onClick={() => onPick(c.id)}>
            <span className={styles.name}>{c.name}</span>
            <span className={styles.detail}>{c.detail}</span>
          </div>
        ))}
      </div>
      {list.length === 0 && <p className={styles.none}>{t("tools.paletteNone")}</p>}
    </div>
  );
}
