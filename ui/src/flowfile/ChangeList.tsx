import { t } from "../words";
import styles from "./ChangeList.module.css";

/** FlowChange is one difference between two flow files, in words or as values. */
export interface FlowChange {
  path?: string;
  what?: string;
  text?: string;
  from?: unknown;
  to?: unknown;
  [more: string]: unknown;
}

const show = (v: unknown) => (v === undefined || v === null ? "" : typeof v === "string" ? v : JSON.stringify(v));

/** ChangeList shows what differs, line by line. */
export function ChangeList({ changes }: { changes: readonly FlowChange[] }) {
  if (changes.length === 0) return <p className={styles.none}>{t("app.publishNothing")}</p>;
  return (
    <ul className={styles.list}>
      {changes.map((c, i) => (
        <li key={`${c.path ?? ""} ${i}`} className={styles.line}>
          <code className={styles.path}>{c.path ?? c.what ?? ""}</code>
          {c.text !== undefined && <span>{c.text}</span>}
          {c.from !== undefined && <del className={styles.from}>{show(c.from)}</del>}
          {c.to !== undefined && <ins className={styles.to}>{show(c.to)}</ins>}
        </li>
      ))}
    </ul>
  );
}
