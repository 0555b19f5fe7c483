// Numbers as operators read them: SI in every language, so that two people can
// compare what they see.

const steps = ["", "k", "M", "G", "T", "P"];
const units = ["B", "kB", "MB", "GB", "TB", "PB"];

function scaled(n: number, names: readonly string[], gap: string): string {
  let at = 0;
  let v = Math.abs(n);
  while (v >= 999.5 && at < names.length - 1) {
    v /= 1000;
    at++;
  }
  const digits = at === 0 ? (Number.isInteger(v) ? 0 : 1) : v < 9.95 ? 1 : 0;
  return `${n < 0 ? "-" : ""}${v.toFixed(digits)}${names[at] === "" ? "" : gap}${names[at]}`;
}

/** short writes a count: 999, 1.2k, 34k, 5.1M. */
export const short = (n: number): string => scaled(n, steps, "");

/** exact writes a count to the last digit while it is short enough to read, then as short does: 1,204, 99,999, 100k. */
export const exact = (n: number): string => (Math.abs(n) < 100_000 ? n.toLocaleString("en") : short(n));

/** bytes writes a size: 512 B, 3.0 MB. */
export const bytes = (n: number): string => scaled(n, units, " ");

/** micros writes a duration given in microseconds: 850 µs, 51 ms, 2.1 s. */
export function micros(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`;
  return millis(us / 1000);
}

/** millis writes a duration given in milliseconds: 51 ms, 2.1 s, 3 min, 5 h. */
export function millis(ms: number): string {
  if (ms < 999.5) return `${ms < 9.95 ? ms.toFixed(1) : Math.round(ms)} ms`;
  const s = ms / 1000;
  if (s < 59.95) return `${s < 9.95 ? s.toFixed(1) : Math.round(s)} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  if (s < 172_800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86_400)} d`;
}
