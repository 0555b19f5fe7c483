// Totals of a group, from the rows of the nodes and wires within, at any depth.
import { useMemo, useRef, useSyncExternalStore } from "react";
import type { FlowDoc, Problem } from "../api/wire";
import { useDraft } from "../editor/context";
import { connectLive } from "../live/socket";
import type { LiveFlow } from "../live/store";
import { faultsOf } from "./faults";

export interface GroupTotals {
  nodes: number;
  running: number;
  failing: number;
  faults: number;
  in: number;
  out: number;
  count: number;
  bytes: number;
}

/** membersOf returns the nodes and wires within a group, and in the groups in it. */
export function membersOf(doc: FlowDoc, group: string): { nodes: string[]; wires: string[] } {
  const groups = new Set([group]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const [slug, g] of Object.entries(doc.groups ?? {})) {
      if (g.parent !== undefined && groups.has(g.parent) && !groups.has(slug)) {
        groups.add(slug);
        grew = true;
      }
    }
  }
  const within = (slug: string) => groups.has(doc.nodes[slug]?.group ?? "");
  return {
    nodes: Object.keys(doc.nodes).filter(within),
    wires: Object.entries(doc.connections ?? {}).filter(([, c]) => within(c.from) && within(c.to)).map(([slug]) => slug),
  };
}

/** totalsOf adds up what is known of a group's members. */
export function totalsOf(doc: FlowDoc, problems: readonly Problem[], group: string, members: { nodes: string[]; wires: string[] }, live: Pick<LiveFlow, "nodes" | "wires">): GroupTotals {
  const t: GroupTotals = { nodes: members.nodes.length, running: 0, failing: 0, faults: 0, in: 0, out: 0, count: 0, bytes: 0 };
  for (const id of members.nodes) {
    const row = live.nodes.get(id);
    const node = doc.nodes[id];
    if (faultsOf(problems, id) !== undefined) t.faults++;
    if (row === undefined || node === undefined) continue;
    if (row[1] === 1 || row[1] === 12) t.running++;
    if (row[1] === 6 || row[1] === 14) t.failing++;
    if (node.group === group && node.kind === "InputPort") t.in += row[2];
    if (node.group === group && node.kind === "OutputPort") t.out += row[3];
  }
  for (const id of members.wires) {
    const row = live.wires.get(id);
    t.count += row?.[1] ?? 0;
    t.bytes += row?.[2] ?? 0;
  }
  return t;
}

/** useGroupTotals follows a group's totals. */
export function useGroupTotals(flow: string, group: string): GroupTotals {
  const doc = useDraft((s) => s.doc);
  const problems = useDraft((s) => s.problems);
  const members = useMemo(() => membersOf(doc, group), [doc, group]);
  const last = useRef<GroupTotals>(undefined);
  return useSyncExternalStore(
    (tell) => connectLive().of(flow).hear(undefined, tell),
    () => {
      const now = totalsOf(doc, problems, group, members, connectLive().of(flow));
      const old = last.current;
      if (old !== undefined && (Object.keys(now) as (keyof GroupTotals)[]).every((k) => old[k] === now[k])) return old;
      last.current = now;
      return now;
    },
  );
}
