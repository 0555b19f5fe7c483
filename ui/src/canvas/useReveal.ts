import type { ReactFlowInstance } from "@xyflow/react";
import { type RefObject, useEffect, useMemo, useRef } from "react";
import { useDraft } from "../editor/context";
import type { Scene } from "../editor/model/scene";
import { usePlace } from "../lib/place";
import type { CardNode, WireEdge } from "./faces";
import { type Box, bounds, fit, maxZoom, minZoom, overviewBelow, type View } from "./geometry";
import { boxesOf, keepView } from "./views";

export interface Looking {
  centre(x: number, y: number): void;
  zoomBy(by: number): void;
  fitAll(): void;
  /** middle is the middle of what is seen, on the flow. */
  middle(): { x: number; y: number };
  /** boxOf is where a card is, in pixels of the canvas. */
  boxOf(id: string): Box | undefined;
  /** reveal shows a card that is out of sight; close comes near enough to read it. */
  reveal(id: string, close?: boolean): void;
  /** moved is told when somebody moved the view by hand, which is then left so. */
  moved(): void;
}

const sameView = (a: View | undefined, b: View): boolean => a !== undefined && Math.abs(a.x - b.x) < 1 && Math.abs(a.y - b.y) < 1 && Math.abs(a.zoom - b.zoom) < 0.001;
const calm = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 160);

/** useReveal moves the view, and follows what others select or open. */
export function useReveal(flow: string, rf: ReactFlowInstance<CardNode, WireEdge>, room: { w: number; h: number }, now: RefObject<Scene>, first: View): Looking {
  const size = useRef(room);
  size.current = room;
  // aimed is the view that was gone to last, undefined once somebody moved it by hand.
  const aimed = useRef<View | undefined>(first);
  const looking = useMemo<Looking>(() => {
    const to = (v: View) => {
      aimed.current = v;
      keepView(flow, now.current.group, v);
      void rf.setViewport(v, { duration: calm() });
    };
    const about = (x: number, y: number, zoom: number) => to({ x: size.current.w / 2 - x * zoom, y: size.current.h / 2 - y * zoom, zoom });
    return {
      centre(x, y) {
        aimed.current = undefined;
        void rf.setViewport({ x: size.current.w / 2 - x * rf.getZoom(), y: size.current.h / 2 - y * rf.getZoom(), zoom: rf.getZoom() });
      },
      moved: () => void (aimed.current = undefined),
      zoomBy(by) {
        const v = rf.getViewport();
        const zoom = Math.max(minZoom, Math.min(maxZoom, v.zoom * by));
        about((size.current.w / 2 - v.x) / v.zoom, (size.current.h / 2 - v.y) / v.zoom, zoom);
      },
      middle() {
        const v = rf.getViewport();
        return { x: (size.current.w / 2 - v.x) / v.zoom, y: (size.current.h / 2 - v.y) / v.zoom };
      },
      boxOf(id) {
        const c = now.current.byId.get(id);
        const v = rf.getViewport();
        return c === undefined ? undefined : { x: c.at[0] * v.zoom + v.x, y: c.at[1] * v.zoom + v.y, w: c.size[0] * v.zoom, h: c.size[1] * v.zoom };
      },
      fitAll: () => to(fit(bounds(boxesOf(now.current)), size.current)),
      reveal(id, close = false) {
        const c = now.current.byId.get(id);
        if (c === undefined) return;
        const v = rf.getViewport();
        const x = (c.at[0] + c.size[0] / 2) * v.zoom + v.x;
        const y = (c.at[1] + c.size[1] / 2) * v.zoom + v.y;
        const seen = x >= 0 && y >= 0 && x <= size.current.w && y <= size.current.h;
        if (seen && !(close && v.zoom < overviewBelow)) return;
        about(c.at[0] + c.size[0] / 2, c.at[1] + c.size[1] / 2, close && v.zoom < overviewBelow ? 0.8 : v.zoom);
      },
    };
  }, [flow, rf, now]);
  const only = useDraft((s) => (s.selection.size === 1 ? ([...s.selection][0] ?? "") : ""));
  const [{ open }] = usePlace();
  const opened = useRef(open);
  opened.current = open;
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) looking.reveal(only);
  }, [only, looking]);
  useEffect(() => {
    if (begun.current || (open !== "" && first.zoom > 0)) looking.reveal(open, true);
    begun.current = true;
  }, [open, looking, first]);
  // A panel that opens takes room: what was fitted is fitted again, and the card that is open stays in sight.
  const before = useRef(room);
  useEffect(() => {
    const old = before.current;
    before.current = room;
    if (old.w === room.w && old.h === room.h) return;
    if (now.current.cards.length > 0 && sameView(aimed.current, fit(bounds(boxesOf(now.current)), old))) looking.fitAll();
    else if (opened.current !== "") looking.reveal(opened.current);
  }, [room, looking, now]);
  return looking;
}
