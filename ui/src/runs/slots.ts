// Which slot a run is for when nothing is said: the last complete one.

const two = (n: number) => String(n).padStart(2, "0");

/** lastDay is yesterday in a zone, the last complete slot of a flow that works by days. */
export function lastDay(zone: string | undefined, now = new Date()): string {
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: zone ?? "UTC", year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
  const d = new Date(`${today}T00:00:00Z`);
  d.setUTCDate(d.getUTCDate() - 1);
  return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`;
}
