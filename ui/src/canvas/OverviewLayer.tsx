import { useBoard } from "./board";
import { Overview } from "./Overview";
import type { Sketch } from "./useSketch";

/** OverviewLayer draws the overview with what the mouse is over. */
export function OverviewLayer({ flow, sketch, selection, lens }: { flow: string; sketch: Sketch; selection: ReadonlySet<string>; lens: boolean }) {
  const hover = useBoard((b) => b.hover);
  return <Overview flow={flow} sketch={sketch} selection={selection} hover={hover} lens={lens} />;
}
