import type { ReactFlowInstance } from "@xyflow/react";
import { type RefObject, useMemo } from "react";
import type { KindMap } from "../api/kinds";
import type { Scene } from "../editor/model/scene";
import { useBoard } from "./board";
import { rightOf } from "./deeds";
import { type CardNode, endsOf, type WireEdge } from "./faces";
import type { Frame } from "./frame";
import { along } from "./geometry";

/** useFrameOf makes what cards and wires know of their canvas. */
export function useFrameOf({ flow, kinds, now, rf }: { flow: string; kinds: KindMap; now: RefObject<Scene>; rf: ReactFlowInstance<CardNode, WireEdge> }): Frame {
  return useMemo(() => {
    const screen = (x: number, y: number) => {
      const v = rf.getViewport();
      return { x: x * v.zoom + v.x, y: y * v.zoom + v.y };
    };
    return {
      flow, kinds, scene: () => now.current,
      addAfter(card, port) {
        const p = card.outputs.find((o) => o.name === port)?.at ?? [card.size[0], card.size[1] / 2];
        useBoard.getState().set({ asking: { at: screen(card.at[0] + p[0] + 40, card.at[1] + p[1] - 20), spot: rightOf(now.current, card), from: { card: card.id, port } } });
      },
      splice(id) {
        const wire = now.current.wires.find((w) => w.id === id);
        const ends = wire === undefined ? undefined : endsOf(now.current, wire);
        if (ends === undefined) return;
        const m = along(ends.from, ends.to, 0.5);
        useBoard.getState().set({ asking: { at: screen(m.x, m.y + 16), spot: { x: m.x - 104, y: m.y - 46 }, wire: id }, hoverWire: "" });
      },
    };
  }, [flow, kinds, now, rf]);
}
