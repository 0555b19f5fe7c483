import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { call, type Failure, path } from "../api/client";
import { merged, over, type Run } from "../api/runs";
import type { ServerFrame } from "../api/wire";
import { useFrames } from "../live/hooks";

const most = 500;
const none: Run[] = [];

/** useRuns lists a flow's runs, newest first, and keeps the list as the server tells of runs. */
export function useRuns(flow: string) {
  const queries = useQueryClient();
  const list = useQuery<Run[], Failure>({
    queryKey: ["runs", flow, "list"],
    queryFn: async ({ signal }) => (await call<{ runs: Run[] }>("GET", path(["runs"], { flow, limit: most }), undefined, signal)).runs,
    // Told of by the socket; asked for as well while something is at work.
    refetchInterval: (q) => (q.state.data?.some((r) => !over(r.state)) === true ? 3_000 : false),
  });
  const hear = useCallback((f: Extract<ServerFrame, { type: "run" }>) => {
    const item = f.run;
    if (item.flow !== flow) return;
    const known = queries.getQueryData<Run[]>(["runs", flow, "list"])?.some((r) => r.id === item.run) === true;
    if (known) queries.setQueryData<Run[]>(["runs", flow, "list"], (old) => old?.map((r) => (r.id === item.run ? merged(r, item) : r)));
    else void queries.invalidateQueries({ queryKey: ["runs", flow] });
    void queries.invalidateQueries({ queryKey: ["run", item.run] });
  }, [flow, queries]);
  useFrames("run", hear);
  // A link that was lost may have missed some.
  useFrames("hello", useCallback(() => void queries.invalidateQueries({ queryKey: ["runs", flow] }), [flow, queries]));
  return { runs: list.data ?? none, pending: list.isPending, failure: list.error, refetch: () => void list.refetch() };
}
