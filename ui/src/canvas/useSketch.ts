import { useCallback, useMemo } from "react";
import { useDraft, useEditor } from "../editor/context";
import type { Scene } from "../editor/model/scene";
import { endsOf } from "./faces";
import { faultsOf } from "./faults";
import { HitGrid } from "./hit";
import type { SketchItem, SketchWire } from "./sketch";

export interface Sketch {
  items: SketchItem[];
  wires: SketchWire[];
  grid: HitGrid<SketchItem>;
  faulty: (id: string) => boolean;
}

/** sketchOf lists a scene's things and wires as the overview draws them. */
export function sketchOf(scene: Scene): Omit<Sketch, "faulty"> {
  const items = scene.cards
    .map((c): SketchItem => ({ id: c.id, name: c.name, shape: c.type, x: c.at[0], y: c.at[1], w: c.size[0], h: c.size[1] }))
    // Notes lie behind cards.
    .toSorted((a, b) => Number(b.shape === "label") - Number(a.shape === "label"));
  const wires = scene.wires.flatMap((w): SketchWire[] => {
    const ends = endsOf(scene, w);
    return ends === undefined ? [] : [{ id: w.slug, ...ends }];
  });
  return { items, wires, grid: new HitGrid(items) };
}

/** useSketch keeps the sketch of the open group. */
export function useSketch(scene: Scene): Sketch {
  const editor = useEditor();
  useDraft((s) => s.problems);
  const faulty = useCallback((id: string) => (faultsOf(editor.store.getState().problems, id)?.errors ?? 0) > 0, [editor]);
  return useMemo(() => ({ ...sketchOf(scene), faulty }), [scene, faulty]);
}
