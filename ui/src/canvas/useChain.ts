import { useEffect } from "react";
import type { FlowDoc } from "../api/wire";
import { useEditor } from "../editor/context";
import { wireId } from "../editor/model/ports";
import { connectLive } from "../live/socket";
import type { LiveFlow } from "../live/store";
import { useLens } from "./lens";

/** chainOf returns the cards and wires that back pressure runs through: each held-up node, its full wire, and what that leads to. */
export function chainOf(doc: FlowDoc, live: Pick<LiveFlow, "nodes" | "wires">): Set<string> {
  const chain = new Set<string>();
  for (const [slug, row] of live.wires) {
    const c = doc.connections?.[slug];
    if (c === undefined || (row[7] !== 1 && row[4] < 100)) continue;
    chain.add(wireId(slug));
    chain.add(c.from);
    chain.add(c.to);
    for (const end of [c.from, c.to]) {
      for (let g = doc.nodes[end]?.group, n = 0; g !== undefined && g !== "" && n < 50; g = doc.groups?.[g]?.parent, n++) chain.add(`group:${g}`);
    }
  }
  return chain;
}

/** useChain keeps the chain while the pressure lens is on. */
export function useChain(flow: string, on: boolean): void {
  const editor = useEditor();
  useEffect(() => {
    if (!on) return;
    const live = connectLive().of(flow);
    const look = () => {
      const chain = chainOf(editor.store.getState().doc, live);
      const was = useLens.getState().chain;
      if (chain.size !== was.size || [...chain].some((id) => !was.has(id))) useLens.setState({ chain });
    };
    look();
    return live.hear(undefined, look);
  }, [flow, on, editor]);
}
