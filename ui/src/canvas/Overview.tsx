import { useStoreApi } from "@xyflow/react";
import { useCallback } from "react";
import { connectLive } from "../live/socket";
import { stepOf } from "./geometry";
import styles from "./Canvas.module.css";
import { usePainted } from "./paint";
import { drawMap, drawOverview, type Numbers, type SketchItem, type SketchWire } from "./sketch";
import { bounds, fit } from "./geometry";

/** numbersOf reads states and fullness for a sketch. */
export function numbersOf(flow: string, faulty: (id: string) => boolean): Numbers {
  const live = connectLive().of(flow);
  return {
    state: (id) => {
      const state = live.nodes.get(id)?.[1];
      return (state === undefined || state === 0) && faulty(id) ? 2 : state;
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
export function Overview({ flow, items, wires, selection, hover, lens, faulty }: {
  flow: string; items: readonly SketchItem[]; wires: readonly SketchWire[]; selection: ReadonlySet<string>; hover: string; lens: boolean; faulty: (id: string) => boolean;
}) {
  const store = useStoreApi();
  const ref = usePainted((c, size, ink) => {
    const [x, y, zoom] = store.getState().transform;
    drawOverview(c, size, { x, y, zoom }, { items, wires, selection, hover, lens }, numbersOf(flow, faulty), ink);
  }, useWake(flow));
  return <canvas ref={ref} className={styles.overview} aria-hidden="true" />;
}

/** MiniMap shows all of the group, and what of it is seen; a press moves there. */
export function MiniMap({ flow, items, label, faulty, onGo }: { flow: string; items: readonly SketchItem[]; label: string; faulty: (id: string) => boolean; onGo: (x: number, y: number) => void }) {
  const store = useStoreApi();
  const ref = usePainted((c, size, ink) => {
    const s = store.getState();
    const [x, y, z] = s.transform;
    drawMap(c, size, mapView(items, size), items, { x: -x / z, y: -y / z, w: s.width / z, h: s.height / z }, numbersOf(flow, faulty), ink);
  }, useWake(flow));
  const go = (e: React.PointerEvent<HTMLCanvasElement>) => {
    if (e.buttons === 0) return;
    const r = e.currentTarget.getBoundingClientRect();
    const view = mapView(items, { w: r.width, h: r.height });
    onGo((e.clientX - r.left - view.x) / view.zoom, (e.clientY - r.top - view.y) / view.zoom);
  };
  return (
    <canvas ref={ref} className={styles.map} role="img" aria-label={label}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        go(e);
      }}
      onPointerMove={go} />
  );
}

const mapView = (items: readonly SketchItem[], size: { w: number; h: number }) => fit(bounds(items), size, 0.2);
