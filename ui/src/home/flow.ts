import { t } from "../words";

/** FlowView is a flow as the server's list shows it. */
export interface FlowView {
  id: string;
  name?: string;
  doc?: string;
  mode?: "runs" | "continuous";
  version: number;
  draft?: boolean;
  problems?: number;
  running?: boolean;
  schedule?: { every: string; at?: string; cron?: string; zone: string };
  status: { enabled?: boolean; paused?: boolean; started?: boolean };
  next?: string;
  next_slot?: string;
  last?: { run: string; state: string; slot: string }[];
  in_rate?: number;
  out_rate?: number;
  queued?: number;
  queued_bytes?: number;
}

/** State is what a flow is at, in one word. */
export type State = "running" | "scheduled" | "paused" | "stopped" | "off" | "draft" | "hand";

/** stateOf says in one word what a flow is at. */
export function stateOf(f: FlowView): State {
  if (f.version === 0) return "draft";
  if (f.mode === "continuous") return f.status.started === true ? "running" : "stopped";
  if (f.running === true) return "running";
  if (f.status.paused === true) return "paused";
  if (f.schedule === undefined) return "hand";
  return f.status.enabled === true ? "scheduled" : "off";
}

/** scheduleOf says in words when a flow runs, in its own zone. */
export function scheduleOf(f: FlowView): string {
  const s = f.schedule;
  if (f.mode === "continuous") return t("home.always");
  if (s === undefined) return t("home.byHand");
  const every = s.every === "hour" ? t("home.hourly") : s.every === "day" ? t("home.daily") : s.every === "week" ? t("home.weekly") : t("home.monthly");
  return `${every} ${s.cron ?? s.at ?? ""} ${s.zone}`;
}

/** dotOf is the colour class of a run's dot. */
export function dotOf(state: string): "good" | "bad" | "part" | "going" | "idle" {
  switch (state) {
    case "SUCCESS":
      return "good";
    case "PARTIAL":
      return "part";
    case "FAILED":
      return "bad";
    case "RUNNING":
    case "FINALIZING":
      return "going";
    default:
      return "idle";
  }
}
