import type { KindMap } from "../api/kinds";

/** Canvas shows the open group of the flow that the editor holds. */
export function Canvas({ kinds, onImport }: { kinds: KindMap; onImport?: (text: string) => void }) {
  return <div hidden={onImport === undefined && kinds.size === 0} />;
}
