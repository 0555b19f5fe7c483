import { useEffect, useState } from "react";
import { call, Failure, path } from "../api/client";

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
/** pageBytes is how much of a log is asked for at once. */
const pageBytes = 1 << 20;
const none: LogLine[] = [];

interface LogPage {
  text: string;
  next: number;
  size: number;
}

/** Read is what was read of a run's log: its lines, up to this byte. */
interface Read {
  after: number;
  lines: readonly LogLine[];
}

/** mostRead is of how many runs what was read is kept. */
const mostRead = 3;
const reads = new Map<string, Read>();

/** readOf returns what was read of a run's log before; it becomes the newest of those kept. */
function readOf(run: string): Read {
  const read = reads.get(run) ?? { after: 0, lines: none };
  reads.delete(run);
  reads.set(run, read);
  for (const old of reads.keys()) if (reads.size > mostRead) reads.delete(old);
  return read;
}

/** useLog reads a run's log page by page, and follows it for as long as the run is at work: only what is new is asked for, also after it was closed. */
export function useLog(run: string, live: boolean): { lines: readonly LogLine[]; failure: Failure | undefined; pending: boolean } {
  const [state, setState] = useState<{ run: string; lines: readonly LogLine[]; failure?: Failure; pending: boolean }>({ run, lines: none, pending: true });
  useEffect(() => {
    if (run === "") return undefined;
    const kept = readOf(run);
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = (ms: number) => {
      timer = setTimeout(() => void read(), ms);
    };
    const read = async () => {
      try {
        for (let more = true; more; ) {
          const page = await call<LogPage>("GET", path(["runs", run, "logs", "page"], { after: kept.after, limit: pageBytes }), undefined, abort.signal);
          if (abort.signal.aborted) return;
          if (page.size < kept.after) {
            // It is another log than the one that was read.
            Object.assign(kept, { after: 0, lines: none });
            continue;
          }
          const fresh = page.text.split("\n").filter((l) => l !== "");
          kept.lines = [...kept.lines, ...fresh.map((l, i) => parseLine(l, kept.lines.length + i))];
          kept.after = page.next;
          more = page.text !== "" && page.next < page.size;
          setState({ run, lines: kept.lines, pending: false });
        }
        if (live) later(pause);
      } catch (e) {
        if (abort.signal.aborted) return;
        setState({ run, lines: kept.lines, pending: false, failure: e instanceof Failure ? e : new Failure(0, { code: "server_unreachable" }) });
        if (live) later(pause * 3);
      }
    };
    setState({ run, lines: kept.lines, pending: kept.lines.length === 0 });
    void read();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [run, live]);
  return state.run === run ? { lines: state.lines, failure: state.failure, pending: state.pending } : { lines: none, failure: undefined, pending: true };
}
