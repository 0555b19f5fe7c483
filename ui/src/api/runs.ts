// Runs as the server tells them.
import { useQuery } from "@tanstack/react-query";
import { call, type Failure, path } from "./client";
import type { Note, RunItem } from "./wire";

export interface Tally {
  n: number;
  rows: number;
  unknown?: number;
  bytes: number;
}

export interface Receipt {
  node: string;
  key: string;
  rows: number;
  bytes: number;
  file?: string;
  sha256?: string;
  link?: string;
}

/** Run is a run as the list gives it. */
export interface Run {
  number: string;
  id: string;
  flow: string;
  flow_versions: number[];
  slot?: string;
  start?: string;
  end?: string;
  zone?: string;
  generation?: number;
  kind?: string;
  by?: string;
  params?: Record<string, string>;
  state?: string;
  created?: string;
  started?: string;
  finished?: string;
  code?: string;
  why?: string;
  note?: Note;
  balance?: string;
  sealed?: boolean;
  accept_rejects?: boolean;
  warnings?: Note[];
  facts?: Record<string, Record<string, string>>;
  receipts?: Receipt[];
  more_receipts?: Record<string, Tally>;
  acts?: Record<string, { state: string; attempt: number; since?: string; code?: string; err?: string; note?: Note; not_before?: string }>;
  /** ledger holds, by node, its counts in each class. */
  ledger?: Record<string, Record<string, Tally>>;
  /** told is what the socket said of it last. */
  told?: RunItem;
  queues?: Record<string, { queued: Tally; parked?: Tally }>;
}

export interface BalanceRow {
  node: string;
  law: string;
  act?: string;
  in: Tally;
  read: Tally;
  out: Tally;
  filtered: Tally;
  rejected: Tally;
  committed: Tally;
  terminated: Tally;
  queued: Tally;
  parked: Tally;
  lost: Tally;
  verdict: string;
  breaches?: { law: string; unit: string; want: number; got: number }[];
}

export interface Blocker {
  run?: string;
  node?: string;
  conn?: string;
  count?: Tally;
  parked?: boolean;
  state?: string;
  since?: string;
  until?: string;
  attempt?: number;
  waits?: string[];
  code?: string;
  why?: string;
  note?: Note;
}

export interface FlowChange {
  kind: string;
  part: string;
  name?: string;
  key?: string;
  old?: string;
  new?: string;
  path: string;
}

export interface RunView {
  run: Run;
  balance?: BalanceRow[];
  reconciled?: { from: string[]; terms: { node: string; who: string; rows: number; want?: number }[]; equal: boolean }[];
  waits?: Blocker[];
  trouble?: Note;
  trouble_until?: string;
  nodes?: Record<string, { active: number; held_by?: string; code?: string; note?: Note; error?: string; until?: string }>;
  overwrites?: { run: string; key: string; rows: number; maybe?: boolean }[];
  adopts?: { version: number; changed?: FlowChange[] | null };
}

/** NodeRun is what a node did in a run; state is in the words of activities. */
export interface NodeRun {
  run: string;
  slot?: string;
  generation?: number;
  run_state: string;
  state?: string;
  in: Tally;
  out: Tally;
  rejected?: Tally;
  parked?: Tally;
  tries?: number;
  started?: string;
  finished?: string;
  created?: string;
  note?: Note;
}

export interface RunChange {
  node?: string;
  from: string;
  to: string;
  code?: string;
  why?: string;
  note?: Note;
  at: string;
  by?: string;
}

export interface Backfilled {
  slots: { slot: string; run?: string; state?: string }[];
  left_out?: { slot: string; run?: string; state?: string }[];
  estimate?: { run: string; reads?: number; tokens?: number; rows?: number };
  failure?: Note;
}

export interface ParkedFile {
  id: string;
  connection: string;
  at: string;
  code: string;
  cause: string;
  note?: Note;
  attempts: number;
  rows: number;
  size: number;
  origin: string;
  attributes?: Record<string, string>;
}

const ended = new Set(["SUCCESS", "PARTIAL", "FAILED", "CANCELLED", "SKIPPED", "SUPERSEDED"]);

/** over tells whether a state is a run's last. */
export const over = (state: string | undefined): boolean => ended.has(state ?? "");

const sum = (run: Run, cls: string) => Object.values(run.ledger ?? {}).reduce((n, of) => n + (of[cls]?.rows ?? 0), 0);

/** rowsOf counts a run's rows as its list does: read at sources, committed at sinks, rejected anywhere. */
export const rowsOf = (run: Run): { in: number; out: number; rejected: number } => (run.told !== undefined ? { in: run.told.rows_in, out: run.told.rows_out, rejected: run.told.rejected } : { in: sum(run, "read"), out: sum(run, "committed"), rejected: sum(run, "rejected") });

/** merged takes a live item into a run of the list. */
export const merged = (run: Run, item: RunItem): Run => ({ ...run, told: item, state: item.state, balance: item.balance, started: item.start ?? run.started, finished: item.end ?? run.finished, generation: item.generation });

/** useRun returns a run with all that is told of it; one that is at work is asked for again every second. */
export function useRun(id: string) {
  return useQuery<RunView, Failure>({
    queryKey: ["run", id], enabled: id !== "", staleTime: 1_000,
    queryFn: ({ signal }) => call<RunView>("GET", path(["runs", id]), undefined, signal),
    refetchInterval: (q) => (q.state.data !== undefined && !over(q.state.data.run.state) ? 1_000 : false),
  });
}
