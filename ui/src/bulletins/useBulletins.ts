import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { call, type Failure, path } from "../api/client";
import type { Bulletin, Note, ServerFrame } from "../api/wire";
import { useFrames } from "../live/hooks";

const most = 1000;

/** Told is a bulletin with its text in all languages. */
export type Told = Bulletin & { note?: Note };

/** useBulletins lists a flow's bulletins, newest first, as they come. */
export function useBulletins(flow: string) {
  const queries = useQueryClient();
  const hear = useCallback((f: Extract<ServerFrame, { type: "bulletin" }>) => {
    if (f.bulletin.flow !== flow) return;
    queries.setQueryData<Told[]>(["bulletins", flow], (old) => (old === undefined || old.some((b) => b.seq === f.bulletin.seq) ? old : [f.bulletin, ...old].slice(0, most)));
  }, [flow, queries]);
  useFrames("bulletin", hear);
  // A link that was lost may have missed some.
  useFrames("hello", useCallback(() => void queries.invalidateQueries({ queryKey: ["bulletins", flow] }), [flow, queries]));
  return useQuery<Told[], Failure>({
    queryKey: ["bulletins", flow],
    queryFn: async ({ signal }) => (await call<{ bulletins: Told[] }>("GET", path(["bulletins"], { flow }), undefined, signal)).bulletins.toSorted((a, b) => b.seq - a.seq),
  });
}
