// Types on the wire that the editor and the live store work with. Answers of
// operations are typed by schema.ts, which is generated from the server's table.

/** Op sets a value at a path of the flow file, or removes it without `value`. */
export interface Op {
  path: string[];
  value?: unknown;
  was?: unknown;
}

/** Edit is a numbered change of a draft. */
export interface Edit {
  rev: number;
  ops: Op[];
  client: string;
  who: string;
  label: string;
  at: string;
}

/** Note is a coded message; texts are rendered from the catalogue. */
export interface Note {
  code: string;
  args?: Record<string, unknown>;
}

/** Problem is a fault of a draft and where it lies. */
export interface Problem extends Note {
  path: string;
  level?: "error" | "warning";
}

export interface Draft {
  flow: string;
  rev: number;
  doc: FlowDoc;
  problems: Problem[];
  version: number;
  differs: boolean;
  authors: string[];
}

export interface NodeDoc {
  kind: string;
  name?: string;
  doc?: string;
  group?: string;
  settings?: Record<string, unknown>;
  inputs?: Record<string, { on_empty?: "fail" | "skip" | "pass" }>;
  after?: string[];
  terminate?: string[];
  discard?: boolean;
  every?: string;
  cron?: string;
  workers?: number;
  run_duration?: string;
  penalty?: string;
  yield?: string;
}

export interface ConnectionDoc {
  from: string;
  output: string | string[];
  to: string;
  input?: string;
  limit?: { flowfiles?: number; bytes?: string };
  expire?: string;
}

export interface GroupDoc {
  name?: string;
  doc?: string;
  parent?: string;
}

export interface LabelDoc {
  text: string;
  group?: string;
  at: [number, number];
  size: [number, number];
  color?: string;
}

/** FlowDoc is a flow file. */
export interface FlowDoc {
  weir: 1;
  id: string;
  name?: string;
  doc?: string;
  mode: "runs" | "continuous";
  schedule?: { every: string; at?: string; cron?: string; zone: string; missed?: string };
  policy?: { retries?: number; retry_delay?: string; max_active_runs?: number; gate?: string; timeout?: string };
  notify?: unknown;
  parameters?: Record<string, { type: string; doc?: string; default?: unknown }>;
  services?: Record<string, { kind: string; settings?: Record<string, unknown> }>;
  nodes: Record<string, NodeDoc>;
  connections?: Record<string, ConnectionDoc>;
  groups?: Record<string, GroupDoc>;
  labels?: Record<string, LabelDoc>;
  /** Positions of nodes by slug, and of groups by "group:slug". */
  layout?: Record<string, [number, number]>;
}

/** NodeState is a node's state in live frames; from 10 on, of a node in a run. */
export type NodeState = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 10 | 11 | 12 | 13 | 14 | 15 | 16 | 17;

/** NodeRow: index, state, in, out, rows in, rows out, p95 µs, tasks, bulletins, blocked wire or -1, in/s, out/s. */
export type NodeRow = [number, NodeState, number, number, number, number, number, number, number, number, number, number];

/** WireRow: index, count, bytes, rows, fullness %, in/s, out/s, blocks. */
export type WireRow = [number, number, number, number, number, number, number, 0 | 1];

export interface Totals {
  running: number;
  stopped: number;
  invalid: number;
  disabled: number;
  queued: number;
  bytes: number;
  lag_ms: number;
}

export interface RunItem {
  run: string;
  flow: string;
  number: number;
  slot: string;
  state: string;
  start?: string;
  end?: string;
  rows_in: number;
  rows_out: number;
  rejected: number;
  balance: string;
  generation: number;
  by: string;
  version: number;
}

export interface Bulletin extends Note {
  seq: number;
  at: string;
  flow: string;
  run?: string;
  node?: string;
  level: "info" | "warning" | "error";
}

/** ServerFrame is what the live socket says. */
export type ServerFrame =
  | { type: "hello"; version: string; now: number }
  | { type: "snapshot"; flow: string; run?: string; seq: number; at: number; ids: { nodes: string[]; wires: string[] }; nodes: NodeRow[]; wires: WireRow[]; totals: Totals }
  | { type: "delta"; flow: string; seq: number; at: number; nodes?: NodeRow[]; wires?: WireRow[]; totals?: Totals }
  | { type: "edit"; flow: string; edit: Edit }
  | { type: "published"; flow: string; version: number }
  | { type: "flow"; flow: unknown }
  | { type: "run"; run: RunItem }
  | { type: "bulletin"; bulletin: Bulletin }
  | { type: "presence"; flow: string; who: { client: string; who: string; node?: string }[] }
  | { type: "error"; error: Note; flow?: string; run?: string }
  | { type: "flow_gone"; id: string }
  | { type: "dropped"; count: number }
  | { type: "pong"; t: number; now: number };

/** ClientFrame is what a page says to the live socket. */
export type ClientFrame =
  | { type: "watch"; flow: string; run?: string; rate?: 1 | 2 }
  | { type: "unwatch"; flow: string }
  | { type: "home" }
  | { type: "open"; flow: string; node?: string; client: string }
  | { type: "ping"; t: number };
