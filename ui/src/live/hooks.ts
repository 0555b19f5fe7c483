// Hooks over the live socket: a component hears of its own row and of nothing else.
import { useCallback, useEffect, useSyncExternalStore } from "react";
import type { NodeRow, ServerFrame, Totals, WireRow } from "../api/wire";
import { connectLive, type Watcher } from "./socket";
import type { Link } from "./store";

const flat: number[] = [];

function useHeard<T>(flow: string, id: string | undefined, read: () => T): T {
  const hear = useCallback((tell: () => void) => connectLive().of(flow).hear(id, tell), [flow, id]);
  return useSyncExternalStore(hear, read);
}

/** useWatch follows a flow, or the counts of a run of it, while the component is there. */
export function useWatch(flow: string, run = ""): void {
  useEffect(() => connectLive().watch(flow, run), [flow, run]);
}

/** useHomeLive follows the list of flows and runs. */
export function useHomeLive(): void {
  useEffect(() => connectLive().home(), []);
}

/** useNodeRow returns the newest row of a node. */
export const useNodeRow = (flow: string, id: string): NodeRow | undefined => useHeard(flow, id, () => connectLive().of(flow).nodes.get(id));

/** useWireRow returns the newest row of a connection. */
export const useWireRow = (flow: string, id: string): WireRow | undefined => useHeard(flow, `wire:${id}`, () => connectLive().of(flow).wires.get(id));

/** useSpark returns a node's rate of the last minute, oldest first. */
export const useSpark = (flow: string, id: string): readonly number[] => useHeard(flow, `spark:${id}`, () => connectLive().of(flow).sparks.get(id) ?? flat);

/** useTotals returns the flow's totals. */
export const useTotals = (flow: string): Totals | undefined => useHeard(flow, undefined, () => connectLive().of(flow).totals);

/** useLink tells how the socket does. */
export function useLink(): Link {
  return useSyncExternalStore((tell) => connectLive().hearLink(tell), () => connectLive().linkState());
}

/** useWatchers tells who else has the flow open. */
export function useWatchers(flow: string): readonly Watcher[] {
  return useSyncExternalStore((tell) => connectLive().onFrame("presence", tell), () => connectLive().watchers(flow));
}

/** useFrames hears frames of one type; keep `hear` the same between renders. */
export function useFrames<T extends ServerFrame["type"]>(type: T, hear: (f: Extract<ServerFrame, { type: T }>) => void): void {
  useEffect(() => connectLive().onFrame(type, hear), [type, hear]);
}
