import { useCallback, useMemo } from "react";
import { useDraft, useEditor } from "../editor/context";
import { refOf } from "../editor/model/ports";
import type { Scene } from "../editor/model/scene";
import { endsOf } from "./faces";
import { faultsOf } from "./faults";
import { HitGrid } from "./hit";
import { membersOf } from "./totals";
import type { SketchItem, SketchWire } from "./sketch";

export interface Sketch {
  items: SketchItem[];
  wires: SketchWire[];
  grid: HitGrid<SketchItem>;
  faulty: (id: string) => boolean;
  /** within lists the nodes of a group's card, undefined for other cards. */
  within: (id: string) => readonly string[] | undefined;
}

/** sketchOf lists a scene's things and wires as the overview draws them. */
export function sketchOf(scene: Scene): Omit<Sketch, "faulty" | "within"> {
  const items = scene.cards
    .map((c): SketchItem => ({ id: c.id, name: c.name, shape: c.type, color: c.color, x: c.at[0], y: c.at[1], w: c.size[0], h: c.size[1] }))
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
  return useMemo(() => {
    const { doc } = editor.store.getState();
    const members = new Map(scene.cards.filter((c) => c.type === "group").map((c) => [c.id, membersOf(doc, refOf(c.id).slug).nodes]));
    return { ...sketchOf(scene), faulty, within: (id: string) => members.get(id) };
  }, [scene, faulty, editor]);
}
