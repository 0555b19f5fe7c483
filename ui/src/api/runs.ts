// Runs as the server tells them.
import { useQuery } from "@tanstack/react-query";
import { call, type Failure, path } from "./client";
import type { RunItem, Schemas } from "./wire";

export type Tally = Schemas["flowfile.Tally"];

export type Receipt = Schemas["flowfile.Receipt"];

/** Run is a run as the list gives it, without what only the engine needs. */
export type Run = Omit<Schemas["runs.Run"], "epoch" | "queue_version" | "retries" | "retry_delay"> & {
  /** told is what the socket said of it last. */
  told?: RunItem;
};

export type BalanceRow = Schemas["runs.BalanceRow"];

export type Blocker = Schemas["runs.Blocker"];

export type FlowChange = Schemas["flows.Change"];

export type RunView = Omit<Schemas["server.RunView"], "run"> & { run: Run };

/** NodeRun is what a node did in a run; state is in the words of activities. */
export type NodeRun = Schemas["server.NodeRun"];

export type RunChange = Schemas["runs.Change"];

export type Backfilled = Schemas["server.Backfilled"];

export type ParkedFile = Schemas["server.ParkedView"];

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
