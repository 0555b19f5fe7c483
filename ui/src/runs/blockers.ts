import type { Blocker } from "../api/runs";
import type { Note } from "../api/wire";
import { moment } from "../lib/times";

/** noteOf is what a run waits for, as a note of the catalogue. */
export function noteOf(b: Blocker): Note {
  const why = b.note ?? b.why ?? "";
  const note = (code: string, args: Record<string, unknown> = {}) => ({ code, args });
  if (b.run === "QUEUED") return note("why_queued");
  if (b.run === "FINALIZING") return note("why_finalizing");
  if (b.parked === true) return note("why_parked", { connection: b.conn, node: b.node, n: b.count?.n ?? 0 });
  if (b.conn !== undefined && b.conn !== "") return note("why_queue", { connection: b.conn, node: b.node, n: b.count?.n ?? 0 });
  switch (b.state) {
    case "WAIT": return note("why_gate", { node: b.node, what: (b.waits ?? []).join(", ") });
    case "BLOCKED": return note("why_gate_blocked", { node: b.node, why });
    case "RUNNING": return note("why_activity_running", { node: b.node, since: moment(b.since ?? ""), attempt: b.attempt ?? 1 });
    case "RETRY_WAIT": if (b.until !== undefined) return note("why_activity_retry", { node: b.node, until: moment(b.until), why });
      break;
    case "FAILED": return note("why_activity_failed", { node: b.node, why });
  }
  return note("why_activity_ready", { node: b.node });
}
