// What the pill of a wire says.
import type { WireRow } from "../api/wire";
import { bytes, exact, short } from "../lib/numbers";
import { passedSize } from "../live/passed";

/** Between what passed in the run and what is queued. */
const rule = " | ";

const queuedTexts = (row: WireRow): string[] => (row[1] === 0 && row[2] === 0 ? [] : [`${short(row[1])} · ${bytes(row[2])}`, short(row[1])]);

/**
 * pillTexts returns what a pill may say, the fullest first: what passed in the
 * run that is shown, then what is queued; nothing where neither is.
 */
export function pillTexts(row: WireRow | undefined): string[] {
  if (row === undefined) return [];
  const queued = queuedTexts(row);
  if (row[8] === 0) return queued;
  const n = passedSize(row);
  const passed = [`${exact(n)} · ${bytes(row[10])}`, exact(n)];
  if (queued.length === 0) return [...passed, short(n)];
  return [`${passed[0]}${rule}${queued[0]}`, `${passed[1]}${rule}${queued[1]}`, `${short(n)}${rule}${queued[1]}`];
}

/** pillParts splits a text of a pill into what passed and what is queued. */
export function pillParts(text: string, inRun: boolean): { passed: string; queued: string } {
  if (!inRun) return { passed: "", queued: text };
  const at = text.indexOf(rule);
  return at < 0 ? { passed: text, queued: "" } : { passed: text.slice(0, at), queued: text.slice(at) };
}
