// What the row of a connection tells, in words.
import type { WireRow } from "../api/wire";
import { bytes, exact } from "../lib/numbers";
import { t } from "../words";

/** passedSize is how much passed in the run: rows where all are known, as on the cards, else FlowFiles; 0 outside a run. */
export const passedSize = (row: WireRow): number => (row[9] > 0 ? row[9] : row[8]);

const holds = (n: number, size: number): string => t("queue.holds", { n: exact(n), bytes: bytes(size) });

/** passedWords says what passed over a connection in a run: "200 rows · 4 FlowFiles · 3.0 kB". */
export function passedWords(row: WireRow): string {
  const files = holds(row[8], row[10]);
  return row[9] > 0 ? `${t("runs.rowsOf", { n: exact(row[9]) })} · ${files}` : files;
}

/** queuedWords says what lies on a connection now: "4 FlowFiles · 3.0 kB". */
export const queuedWords = (row: WireRow): string => holds(row[1], row[2]);
