import { useEffect, useRef, useState } from "react";
import { Failure } from "../api/client";

/** LogLine is one line of a run's log. */
export interface LogLine {
  key: number;
  time: string;
  level: string;
  msg: string;
  node?: string;
  /** rest is what else the line says, in one line. */
  rest: string;
}

const known = new Set(["time", "level", "msg", "node", "flow", "run"]);

/** parseLine reads a line of a log; what is no JSON is kept as its message. */
export function parseLine(text: string, key: number): LogLine {
  try {
    const v = JSON.parse(text) as Record<string, unknown>;
    const rest = Object.entries(v).filter(([name]) => !known.has(name)).map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`).join("  ");
    return { key, time: String(v.time ?? ""), level: String(v.level ?? "INFO"), msg: String(v.msg ?? ""), node: typeof v.node === "string" ? v.node : undefined, rest };
  } catch {
    return { key, time: "", level: "INFO", msg: text, rest: "" };
  }
}

const pause = 1_000;
/** A long log is asked for less often: it comes whole each time. */
const bytesPerSecond = 1 << 20;
const none: LogLine[] = [];

/** useLog reads a run's log, and follows it for as long as the run is at work. */
export function useLog(run: string, live: boolean): { lines: readonly LogLine[]; failure: Failure | undefined; pending: boolean } {
  const [state, setState] = useState<{ run: string; lines: readonly LogLine[]; failure?: Failure; pending: boolean }>({ run, lines: none, pending: true });
  const going = useRef(live);
  going.current = live;
  useEffect(() => {
    if (run === "") return undefined;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let had = 0;
    let lines: LogLine[] = [];
    let last = false;
    const read = async () => {
      const ends = !going.current;
      try {
        const answer = await fetch(`/api/v1/runs/${encodeURIComponent(run)}/logs`, { signal: abort.signal });
        if (!answer.ok) throw new Failure(answer.status, await answer.json().catch(() => undefined));
        const text = await answer.text();
        const whole = text.lastIndexOf("\n") + 1;
        if (whole !== had) {
          const fresh = text.slice(had, whole).split("\n").filter((l) => l !== "");
          lines = [...lines, ...fresh.map((l, i) => parseLine(l, lines.length + i))];
          had = whole;
        }
        setState({ run, lines, pending: false });
        last = ends;
        if (!last) timer = setTimeout(() => void read(), Math.max(pause, (text.length / bytesPerSecond) * 1000));
      } catch (e) {
        if (abort.signal.aborted) return;
        setState({ run, lines, pending: false, failure: e instanceof Failure ? e : new Failure(0, { code: "server_unreachable" }) });
        if (going.current) timer = setTimeout(() => void read(), pause * 3);
      }
    };
    setState({ run, lines: none, pending: true });
    void read();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [run, live]);
  return state.run === run ? { lines: state.lines, failure: state.failure, pending: state.pending } : { lines: none, failure: undefined, pending: true };
}
