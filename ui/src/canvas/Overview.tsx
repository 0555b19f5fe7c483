import { useStoreApi } from "@xyflow/react";
import { useCallback } from "react";
import type { NodeState } from "../api/wire";
import { connectLive } from "../live/socket";
import { type Box, bounds, stepOf } from "./geometry";
import styles from "./Canvas.module.css";
import { usePainted } from "./paint";
import { drawMap, drawOverview, type Numbers, type SketchItem } from "./sketch";
import type { Sketch } from "./useSketch";

const worstFirst: readonly NodeState[] = [6, 14, 17, 2, 16, 12, 1, 11, 13, 0];

/** numbersOf reads states and fullness for a sketch. */
export function numbersOf(flow: string, { faulty, within }: Pick<Sketch, "faulty" | "within">): Numbers {
  const live = connectLive().of(flow);
  const one = (id: string): NodeState | undefined => {
    const state = live.nodes.get(id)?.[1];
    return (state === undefined || state === 0) && faulty(id) ? 2 : state;
  };
  return {
    // A group shows the worst of what is in it.
    state: (id) => {
      const nodes = within(id);
      if (nodes === undefined) return one(id);
      const states = new Set(nodes.map(one));
      return worstFirst.find((s) => states.has(s));
    },
    step: (wire) => stepOf(live.wires.get(wire)?.[4] ?? 0),
  };
}

function useWake(flow: string) {
  const store = useStoreApi();
  return useCallback((again: () => void) => {
    const view = store.subscribe((s, old) => {
      if (s.transform !== old.transform) again();
    });
    const live = connectLive().of(flow).hear(undefined, again);
    return () => {
      view();
      live();
    };
  }, [store, flow]);
}

/** Overview draws the flow where it is too small for cards. */
export function Overview({ flow, sketch, selection, hover, lens }: { flow: string; sketch: Sketch; selection: ReadonlySet<string>; hover: string; lens: boolean }) {
  const store = useStoreApi();
  const ref = usePainted((c, size, ink) => {
    const [x, y, zoom] = store.getState().transform;
    drawOverview(c, size, { x, y, zoom }, { items: sketch.items, wires: sketch.wires, selection, hover, lens }, numbersOf(flow, sketch), ink);
  }, useWake(flow));
  return <canvas ref={ref} className={styles.overview} aria-hidden="true" />;
}

/** MiniMap shows all of the group, and what of it is seen; a press moves there. */
export function MiniMap({ flow, sketch, label, onGo }: { flow: string; sketch: Sketch; label: string; onGo: (x: number, y: number) => void }) {
  const { items } = sketch;
  const store = useStoreApi();
  const ref = usePainted((c, size, ink) => {
    const s = store.getState();
    const [x, y, z] = s.transform;
    const seen = { x: -x / z, y: -y / z, w: s.width / z, h: s.height / z };
    drawMap(c, size, mapView(items, seen, size), items, seen, numbersOf(flow, sketch), ink);
  }, useWake(flow));
  const go = (e: React.PointerEvent<HTMLCanvasElement>) => {
    if (e.buttons === 0) return;
    const r = e.currentTarget.getBoundingClientRect();
    const s = store.getState();
    const [x, y, z] = s.transform;
    const view = mapView(items, { x: -x / z, y: -y / z, w: s.width / z, h: s.height / z }, { w: r.width, h: r.height });
    onGo((e.clientX - r.left - view.x) / view.zoom, (e.clientY - r.top - view.y) / view.zoom);
  };
  return (
    <canvas ref={ref} className={styles.map} role="img" aria-label={label}
      onPointerDown={(e) => {
        e.stopPropagation();
        e.currentTarget.setPointerCapture(e.pointerId);
        go(e);
      }}
      onPointerMove={go} />
  );
}

// The map holds all there is and what is seen, unless that is far away from it.
function mapView(items: readonly SketchItem[], seen: Box, size: { w: number; h: number }) {
  const all = bounds(items) ?? seen;
  const both = bounds([all, seen]) ?? all;
  const shown = both.w <= 3 * Math.max(all.w, seen.w) && both.h <= 3 * Math.max(all.h, seen.h) ? both : all;
  const zoom = Math.min(0.2, (size.w - 16) / shown.w, (size.h - 16) / shown.h);
  return { x: (size.w - shown.w * zoom) / 2 - shown.x * zoom, y: (size.h - shown.h * zoom) / 2 - shown.y * zoom, zoom };
}
