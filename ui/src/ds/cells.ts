// How values of records are written in one line, and how wide their columns are.
import type { DataColumn } from "./DataGrid";

const longest = 300;

/** plain writes a value in one line; what is nested as short JSON. */
export function plain(v: unknown): string {
  if (v === null || v === undefined) return "null";
  if (typeof v === "string") return v.length > longest ? `${v.slice(0, longest)}…` : v.replace(/\n/g, "⏎");
  if (typeof v === "object") {
    const text = JSON.stringify(v);
    return text.length > longest ? `${text.slice(0, longest)}…` : text;
  }
  return String(v);
}

// Letters of the East are twice as wide.
function width(text: string): number {
  let n = 0;
  for (const c of text) n += (c.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1;
  return n;
}

/** widthOf is how wide a column is, by its name, its type and some of its values. */
export function widthOf(column: DataColumn, values: readonly unknown[]): number {
  const most = Math.max(width(column.name) + 1, width(column.type), ...values.map((v) => width(plain(v).slice(0, 60))));
  return Math.min(Math.max(Math.round(most * 7.5) + 24, 72), 320);
}
