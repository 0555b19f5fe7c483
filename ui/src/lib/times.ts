// Times as operators read them: the same order of parts in every language, 24
// hours, in the browser's zone unless a zone is named.
import { millis } from "./numbers";

const two = (n: number) => String(n).padStart(2, "0");

function parts(at: string | number | Date): Date | undefined {
  const d = new Date(at);
  return Number.isNaN(d.getTime()) || d.getTime() <= 0 ? undefined : d;
}

/** clock writes the time of a day: 07:04:31. */
export function clock(at: string | number | Date): string {
  const d = parts(at);
  return d === undefined ? "" : `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** moment writes a day and a time: 11-22 07:04:31; with the year where it is another. */
export function moment(at: string | number | Date, now = new Date()): string {
  const d = parts(at);
  if (d === undefined) return "";
  const year = d.getFullYear() === now.getFullYear() ? "" : `${d.getFullYear()}-`;
  return `${year}${two(d.getMonth() + 1)}-${two(d.getDate())} ${clock(d)}`;
}

/** age writes how long ago something was; what lies ahead is "0 ms". */
export function age(at: string | number | Date, now = Date.now()): string {
  const d = parts(at);
  return d === undefined ? "" : millis(Math.max(0, now - d.getTime()));
}

/** span writes how long something took, or has taken until now. */
export function span(from: string | undefined, to: string | undefined, now = Date.now()): string {
  const a = from === undefined ? undefined : parts(from);
  if (a === undefined) return "";
  const b = to === undefined ? undefined : parts(to);
  return millis(Math.max(0, (b?.getTime() ?? now) - a.getTime()));
}
