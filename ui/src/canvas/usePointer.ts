import { type ReactFlowInstance, useStoreApi } from "@xyflow/react";
import { type RefObject, useEffect, useMemo, useRef } from "react";
import type { Scene } from "../editor/model/scene";
import { refOf } from "../editor/model/ports";
import type { Editor } from "../editor/store";
import { usePlace } from "../lib/place";
import { useBoard } from "./board";
import type { Deeds } from "./deeds";
import type { CardNode, WireEdge } from "./faces";
import { overviewBelow, type Point } from "./geometry";
import type { KeyDeeds } from "./useKeys";
import type { Looking } from "./useReveal";
import type { Sketch } from "./useSketch";
import { nearestWire, rightOf } from "./deeds";

interface Given {
  rf: ReactFlowInstance<CardNode, WireEdge>;
  root: RefObject<HTMLDivElement | null>;
  now: RefObject<Scene>;
  sketch: Sketch;
  deeds: Deeds;
  editor: Editor;
  overview: boolean;
  view: Looking;
}

type Press = { clientX: number; clientY: number };
const pressOf = (e: MouseEvent | TouchEvent | Press): Press => ("changedTouches" in e ? (e.changedTouches[0] ?? { clientX: 0, clientY: 0 }) : e);

/** Pointer is what the mouse does on the canvas. */
export type Pointer = ReturnType<typeof usePointer>;

/** usePointer makes what the mouse does: select, open, ask, and the same where only the overview is drawn. */
export function usePointer(given: Given) {
  const [{ open }, go] = usePlace();
  const store = useStoreApi();
  const g = useRef({ ...given, go, open });
  g.current = { ...given, go, open };
  const lasso = useRef<{ x: number; y: number; width: number; height: number } | null>(null);
  useEffect(() => store.subscribe((s) => {
    if (s.userSelectionRect !== null) lasso.current = s.userSelectionRect;
  }), [store]);
  return useMemo(() => makePointer(g, lasso), []);
}

type Ref = RefObject<Given & { open: string; go: ReturnType<typeof usePlace>[1] }>;

function makePointer(g: Ref, lasso: RefObject<{ x: number; y: number; width: number; height: number } | null>) {
  const set = useBoard.getState().set;
  let last: Press | undefined;
  let leaving: ReturnType<typeof setTimeout> | undefined;
  const places = {
    local(e: MouseEvent | TouchEvent | Press): Point {
      const r = g.current.root.current?.getBoundingClientRect();
      const p = pressOf(e);
      return { x: p.clientX - (r?.left ?? 0), y: p.clientY - (r?.top ?? 0) };
    },
    spot: (e: MouseEvent | TouchEvent | Press): Point => {
      const p = pressOf(e);
      return g.current.rf.screenToFlowPosition({ x: p.clientX, y: p.clientY }, { snapToGrid: false });
    },
    cardAt(spot: Point): string | undefined {
      const hit = g.current.sketch.grid.at(spot, g.current.overview ? 6 / g.current.rf.getZoom() : 0);
      return hit?.shape === "label" ? undefined : hit?.id;
    },
    wireAt: (spot: Point, room = 16): string | undefined => nearestWire(g.current.now.current, spot, room / Math.min(1, g.current.rf.getZoom())),
  };
  const pick = (id: string, e: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }) => {
    set({ active: id, keys: false });
    const more = e.shiftKey || e.ctrlKey || e.metaKey;
    if (!more && refOf(id).type !== "label") g.current.go({ open: id }, { replace: true });
    return more;
  };
  const menu = (e: { preventDefault?: () => void } & Press, target: string) => {
    e.preventDefault?.();
    const { editor } = g.current;
    if (target !== "" && !editor.store.getState().selection.has(target)) editor.select([target]);
    if (target !== "" && refOf(target).type !== "wire") set({ active: target, keys: false });
    set({ menu: { at: places.local(e), spot: places.spot(e), target } });
  };
  const ask = (e: Press) => {
    const spot = places.spot(e);
    set({ asking: { at: places.local(e), spot: { x: spot.x - 104, y: spot.y - 46 } } });
  };
  const enter = (id: string) => {
    const { type, slug } = refOf(id);
    if (type === "group") g.current.go({ group: slug, open: "" });
    else if (type === "label") set({ active: id, writing: id, writes: "name" });
    else g.current.go({ open: id });
  };
  const keyDeeds: KeyDeeds = {
    get scene() { return g.current.now.current; },
    get editor() { return g.current.editor; },
    get deeds() { return g.current.deeds; },
    reveal: (id) => g.current.view.reveal(id),
    // Enter leads into the inspector, from which Escape leads back.
    open(id) {
      enter(id);
      if (!["group", "label"].includes(refOf(id).type)) requestAnimationFrame(() => document.querySelector<HTMLElement>("[data-inspector]")?.focus());
    },
    close() {
      if (g.current.open === "") return false;
      g.current.go({ open: "" }, { replace: true });
      return true;
    },
    where: (id) => {
      const c = g.current.now.current.byId.get(id);
      const v = g.current.rf.getViewport();
      return c === undefined ? { x: 40, y: 40 } : { x: c.at[0] * v.zoom + v.x, y: (c.at[1] + c.size[1]) * v.zoom + v.y + 8 };
    },
    ask() {
      const { now, root } = g.current;
      const active = now.current.byId.get(useBoard.getState().active);
      const r = root.current?.getBoundingClientRect();
      const middle = { clientX: (r?.left ?? 0) + (r?.width ?? 0) / 2, clientY: (r?.top ?? 0) + (r?.height ?? 0) / 2 };
      if (active === undefined) return ask(middle);
      set({ asking: { at: this.where(active.id), spot: rightOf(now.current, active) } });
    },
    menu() {
      const { active } = useBoard.getState();
      const c = g.current.now.current.byId.get(active);
      const at = c === undefined ? { x: 40, y: 40 } : this.where(active);
      const r = g.current.root.current?.getBoundingClientRect();
      menu({ clientX: at.x + (r?.left ?? 0), clientY: at.y + (r?.top ?? 0) }, c?.id ?? "");
    },
  };
  return {
    places, keyDeeds, enter,
    /** last is where on the flow the mouse was, undefined while it is elsewhere. */
    last: () => (last === undefined ? undefined : places.spot(last)),
    onPointerMove(e: React.PointerEvent) {
      last = { clientX: e.clientX, clientY: e.clientY };
    },
    onPointerLeave() {
      last = undefined;
    },
    // The canvas keeps the focus, so that keys follow the mouse.
    onPointerDown(e: React.PointerEvent) {
      const el = e.target as HTMLElement;
      if (el.closest("button, input, textarea, [role=dialog], [role=menu]") !== null) return;
      // The ring of the focus is for those who came by keys.
      g.current.root.current?.setAttribute("data-by", "mouse");
      g.current.root.current?.focus({ preventScroll: true });
    },
    onBlur(e: React.FocusEvent) {
      if (e.target === e.currentTarget) e.currentTarget.removeAttribute("data-by");
    },
    onDoubleClick(e: React.MouseEvent) {
      const el = e.target as HTMLElement;
      if (!el.classList.contains("react-flow__pane")) return;
      const id = g.current.overview ? g.current.sketch.grid.at(places.spot(e), 6 / g.current.rf.getZoom())?.id : undefined;
      if (id === undefined) ask(e);
      else g.current.view.reveal(id, true);
    },
    onNodeClick: (e: React.MouseEvent, n: CardNode) => void pick(n.id, e),
    onNodeDoubleClick: (_: React.MouseEvent, n: CardNode) => enter(n.id),
    onNodeMenu: (e: React.MouseEvent, n: CardNode) => menu(e, n.id),
    onSelectionMenu: (e: React.MouseEvent, nodes: CardNode[]) => menu(e, nodes[0]?.id ?? ""),
    onEdgeClick: (_: React.MouseEvent, e: WireEdge) => g.current.go({ drawer: "queue", wire: refOf(e.id).slug, item: "" }, { replace: true }),
    onEdgeMenu: (e: React.MouseEvent, edge: WireEdge) => menu(e, edge.id),
    onEdgeEnter(_: React.MouseEvent, e: WireEdge) {
      clearTimeout(leaving);
      set({ hoverWire: e.id });
    },
    onEdgeStay: () => clearTimeout(leaving),
    onEdgeLeave() {
      clearTimeout(leaving);
      leaving = setTimeout(() => set({ hoverWire: "" }), 250);
    },
    onPaneClick(e: React.MouseEvent) {
      const id = g.current.overview ? places.cardAt(places.spot(e)) : undefined;
      const { editor } = g.current;
      if (id === undefined) {
        set({ keys: false });
        g.current.go({ open: "" }, { replace: true });
        return;
      }
      const selection = new Set(editor.store.getState().selection);
      if (!pick(id, e)) selection.clear();
      if (!selection.delete(id)) selection.add(id);
      editor.select(selection);
    },
    onPaneMenu(e: React.MouseEvent | MouseEvent) {
      menu(e, (g.current.overview ? places.cardAt(places.spot(e)) : undefined) ?? "");
    },
    onPaneMove(e: React.MouseEvent) {
      if (!g.current.overview) return;
      const hover = places.cardAt(places.spot(e)) ?? "";
      if (hover !== useBoard.getState().hover) set({ hover });
    },
    // React Flow selects the cards it has; in the overview it has none.
    onLassoEnd() {
      const r = lasso.current;
      lasso.current = null;
      const { overview, rf, sketch, editor } = g.current;
      if (!overview || r === null || rf.getZoom() >= overviewBelow) return;
      const v = rf.getViewport();
      const area = { x: (r.x - v.x) / v.zoom, y: (r.y - v.y) / v.zoom, w: r.width / v.zoom, h: r.height / v.zoom };
      editor.select([...sketch.grid.within(area)].map((i) => i.id));
    },
  };
}
