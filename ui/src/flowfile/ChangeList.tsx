import type { Both } from "../api/kinds";
import { t, useLang } from "../words";
import styles from "./ChangeList.module.css";

/** FlowChange is one difference between two flow files: a part or a key of one. */
export interface FlowChange {
  kind: string;
  part: string;
  name?: string;
  key?: string;
  old?: string;
  new?: string;
  path: string;
  /** texts say it in words. */
  texts?: Both;
}

const kinds = { added: "app.changeAdded", removed: "app.changeRemoved", changed: "app.changeChanged" } as const;
const kindOf = (c: FlowChange) => (c.kind in kinds ? kinds[c.kind as keyof typeof kinds] : "app.changeChanged");

/** ChangeList says what differs, line by line, in the language of the pages. */
export function ChangeList({ changes }: { changes: readonly FlowChange[] }) {
  const lang = useLang();
  if (changes.length === 0) return <p className={styles.none}>{t("app.publishNothing")}</p>;
  return (
    <ul className={styles.list}>
      {changes.map((c, i) => (
        <li key={`${c.path} ${i}`} className={styles.line}>
          <span className={styles.kind} data-kind={c.kind}>{t(kindOf(c))}</span>
          {c.texts === undefined ? <code className={styles.path}>{[c.part, c.name, c.key].filter(Boolean).join(" · ")}</code> : <span className={styles.text}>{c.texts[lang]}</span>}
        </li>
      ))}
    </ul>
  );
}
