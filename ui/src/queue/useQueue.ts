import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { call, type Failure, path } from "../api/client";
import type { FlowFileView, Queued, QueuePage } from "../api/queues";
import type { ServerFrame } from "../api/wire";
import { useDraft } from "../editor/context";
import { usePlace } from "../lib/place";
import { useFrames } from "../live/hooks";

type RunFrame = Extract<ServerFrame, { type: "run" }>;

/** Lane is the queue of a wire: of a run, or of continuous data. */
export interface Lane {
  flow: string;
  wire: string;
  run: string;
}

/** queueKey is under which all that is known of a queue is kept. */
export const queueKey = (lane: Lane) => ["queue", lane.flow, lane.wire, lane.run];

/** useRunInView returns the run whose data is meant: the chosen one, the newest of a flow that works in runs, none of a continuous one. */
export function useRunInView(flow: string): { run: string; slot: string; pending: boolean; none: boolean } {
  const [place] = usePlace();
  const queries = useQueryClient();
  const inRuns = useDraft((s) => s.doc.mode) === "runs";
  const newest = useQuery({
    queryKey: ["runs", flow, "newest"], enabled: inRuns && place.run === "",
    queryFn: ({ signal }) => call<{ runs: { id: string; slot?: string }[] }>("GET", path(["runs"], { flow, limit: 1 }), undefined, signal),
  });
  // A run that starts is the newest, whatever drawer is open; a lost link may have missed one.
  const first = newest.data?.runs[0];
  const known = first?.id;
  const anew = useCallback(() => void queries.invalidateQueries({ queryKey: ["runs", flow, "newest"] }), [queries, flow]);
  useFrames("run", useCallback((f: RunFrame) => {
    if (f.run.flow === flow && f.run.run !== known) anew();
  }, [flow, known, anew]));
  useFrames("hello", anew);
  if (place.run !== "" || !inRuns) return { run: place.run, slot: "", pending: false, none: false };
  return { run: first?.id ?? "", slot: first?.slot ?? "", pending: newest.isPending, none: !newest.isPending && first === undefined };
}

export interface Listing {
  items: Queued[];
  scanned: number;
  count: number;
  pages: number;
  pending: boolean;
  failure: Failure | null;
  at: number;
  more: boolean;
  loading: boolean;
  next: () => void;
  anew: () => void;
}

/** useListing lists a queue by pages, from somewhere in it. */
export function useListing(lane: Lane, q: string, percent: number): Listing {
  const list = useInfiniteQuery<QueuePage, Failure, { pages: QueuePage[] }, unknown[], string>({
    queryKey: [...queueKey(lane), "list", q, percent],
    initialPageParam: "",
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    queryFn: ({ pageParam, signal }) =>
      call<QueuePage>("GET", path(["flows", lane.flow, "connections", lane.wire, "queue"], {
        run: lane.run, q, after: pageParam, limit: 200, percent: pageParam === "" && percent > 0 ? percent : undefined,
      }), undefined, signal),
    getNextPageParam: (page) => (page.more && page.next !== "" ? page.next : undefined),
  });
  const pages = list.data?.pages ?? [];
  return {
    items: pages.flatMap((p) => p.items), scanned: pages.reduce((n, p) => n + p.scanned, 0), count: pages[0]?.count ?? 0, pages: pages.length,
    pending: list.isPending, failure: list.error, at: list.dataUpdatedAt, more: list.hasNextPage, loading: list.isFetchingNextPage,
    next: () => void (list.isFetchingNextPage || list.fetchNextPage()),
    anew: () => void list.refetch(),
  };
}

/** useFlowFile returns one FlowFile of a queue, uncut, with its events. */
export function useFlowFile(lane: Lane, at: string) {
  return useQuery<FlowFileView, Failure>({
    queryKey: [...queueKey(lane), "one", at],
    queryFn: ({ signal }) => call<FlowFileView>("GET", path(["flows", lane.flow, "connections", lane.wire, "queue", at], { run: lane.run }), undefined, signal),
  });
}
