import type { ReactNode } from "react";
import styles from "./Table.module.css";

export interface Column {
  id: string;
  /** head is the column's name; hidden keeps it for readers alone. */
  head: string;
  hidden?: boolean;
  /** number columns stand at the right. */
  number?: boolean;
}

export interface Row {
  id: string;
  cells: Record<string, ReactNode>;
  /** current marks the row that is open. */
  current?: boolean;
}

/** Table is a short list with columns; long ones are virtual and made elsewhere. */
export function Table({ label, columns, rows }: { label: string; columns: readonly Column[]; rows: readonly Row[] }) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((c) => (
              <th key={c.id} scope="col" data-number={c.number || undefined}>{c.hidden === true ? <span className="sr">{c.head}</span> : c.head}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.id} aria-current={r.current || undefined}>
              {columns.map((c) => <td key={c.id} data-number={c.number || undefined}>{r.cells[c.id]}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
