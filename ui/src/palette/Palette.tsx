import type { KindMap } from "../api/kinds";

/** Palette lists the kinds of processors, to be dragged onto the canvas. */
export function Palette({ kinds }: { kinds: KindMap }) {
  return <nav hidden={kinds.size === 0} />;
}
