// When a schedule fires next, for the form of a draft. The server computes what
// counts; this covers schedules by slot and time, not those by cron.

/** Schedule is a flow's schedule as it stands in the file. */
export interface Schedule {
  every: string;
  at?: string;
  cron?: string;
  zone: string;
  missed?: string;
}

interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

const wallOf = (at: Date, zone: string): Wall => {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" }).formatToParts(at);
  const n = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  return { year: n("year"), month: n("month"), day: n("day"), hour: n("hour"), minute: n("minute") };
};

/** instantOf returns the instant at which clocks of a zone show a time; days and months may run over. */
export function instantOf(w: Wall, zone: string): Date {
  const wanted = Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute);
  let at = wanted;
  for (let i = 0; i < 3; i++) {
    const seen = wallOf(new Date(at), zone);
    const off = wanted - Date.UTC(seen.year, seen.month - 1, seen.day, seen.hour, seen.minute);
    if (off === 0) break;
    at += off;
  }
  return new Date(at);
}

/** firings returns the next times at which a schedule fires; none where this cannot tell. */
export function firings(s: Schedule, now: Date, count: number): Date[] {
  if (s.cron !== undefined && s.cron !== "") return [];
  let here: Wall;
  try {
    here = wallOf(now, s.zone);
  } catch {
    return []; // no such zone
  }
  const at = s.at ?? "";
  const clock = /^(\d{1,2}):(\d{2})$/.exec(at);
  if (s.every === "hour" ? !/^\d{0,2}$/.test(at) : at !== "" && clock === null) return [];
  const [hour, minute] = clock === null ? [0, 0] : [Number(clock[1]), Number(clock[2])];
  const weekday = (new Date(Date.UTC(here.year, here.month - 1, here.day)).getUTCDay() + 6) % 7;
  const step = (n: number): Wall | undefined => {
    switch (s.every) {
      case "hour":
        return { ...here, hour: here.hour + n, minute: Number(at) };
      case "day":
        return { ...here, day: here.day + n, hour, minute };
      case "week":
        return { ...here, day: here.day - weekday + 7 * n, hour, minute };
      case "month":
        return { ...here, month: here.month + n, day: 1, hour, minute };
      default:
        return undefined;
    }
  };
  const found: Date[] = [];
  for (let n = 0; found.length < count && n < count + 3; n++) {
    const wall = step(n);
    if (wall === undefined) break;
    const t = instantOf(wall, s.zone);
    if (t > now) found.push(t);
  }
  return found;
}
