import { useDraft } from "../editor/context";
import { connectLive } from "../live/socket";
import { useFrame } from "./frame";

/** useBlocker names the node behind the wire that holds a card up. */
export function useBlocker(index: number): string | undefined {
  const { flow } = useFrame();
  const wire = connectLive().of(flow).wireAt(index);
  return useDraft((s) => {
    const to = wire === undefined ? undefined : s.doc.connections?.[wire]?.to;
    return to === undefined ? undefined : (s.doc.nodes[to]?.name ?? to);
  });
}
