import type { EdgeChange, NodeChange } from "@xyflow/react";
import { useCallback, useMemo, useRef, useState } from "react";
import type { Scene } from "../editor/model/scene";
import type { Editor } from "../editor/store";
import { useBoard } from "./board";
import type { Deeds } from "./deeds";
import { type CardNode, edgesOf, keptOf, mostKept, nodesOf, type WireEdge } from "./faces";
import type { Point } from "./geometry";

const noNodes: CardNode[] = [];
const noEdges: WireEdge[] = [];

/** mergeSelection carries out what React Flow says of the selection on the editor's. */
export function mergeSelection(now: ReadonlySet<string>, changes: readonly { type: string; id?: string; selected?: boolean }[]): Set<string> {
  const next = new Set(now);
  for (const c of changes) {
    if (c.type !== "select" || c.id === undefined) continue;
    if (c.selected === true) next.add(c.id);
    else next.delete(c.id);
  }
  return next;
}

/** useFaces gives React Flow its nodes and edges; none while the overview is drawn. */
export function useFaces(scene: Scene, selection: ReadonlySet<string>, overview: boolean, editor: Editor, deeds: Deeds) {
  const keptNodes = useRef(new Map<string, CardNode>());
  const keptEdges = useRef(new Map<string, WireEdge>());
  const [dragged, setDragged] = useState<ReadonlyMap<string, Point>>();
  const active = useBoard((b) => b.active);
  const still = useMemo(() => {
    const list = nodesOf(scene, selection, keptNodes.current, keptOf(selection, active));
    keptNodes.current = new Map(list.map((n) => [n.id, n]));
    return list;
  }, [scene, selection, active]);
  const edges = useMemo(() => {
    const list = edgesOf(scene, selection, keptEdges.current);
    keptEdges.current = new Map(list.map((e) => [e.id, e]));
    return list;
  }, [scene, selection]);
  const nodes = useMemo(() => {
    if (dragged === undefined) return still;
    return still.map((n) => {
      const at = dragged.get(n.id);
      return at === undefined ? n : { ...n, position: at, dragging: dragged.size <= mostKept || n.dragging === true };
    });
  }, [still, dragged]);

  const onNodesChange = useCallback((changes: NodeChange<CardNode>[]) => {
    const moved = changes.flatMap((c) => (c.type === "position" && c.dragging === true && c.position !== undefined ? [{ id: c.id, position: c.position }] : []));
    if (moved.length > 0) {
      setDragged((was) => {
        const next = new Map(was);
        for (const c of moved) next.set(c.id, c.position);
        return next;
      });
      const aim = (moved.length === 1 ? deeds.aimOf(new Map(moved.map((c) => [c.id, c.position]))) : undefined) ?? "";
      if (aim !== useBoard.getState().aim) useBoard.getState().set({ aim });
    }
    if (changes.some((c) => c.type === "select")) editor.select(mergeSelection(editor.store.getState().selection, changes));
  }, [editor, deeds]);
  const onEdgesChange = useCallback((changes: EdgeChange<WireEdge>[]) => {
    if (changes.some((c) => c.type === "select")) editor.select(mergeSelection(editor.store.getState().selection, changes));
  }, [editor]);
  const latest = useRef(dragged);
  latest.current = dragged;
  const onDragStop = useCallback(() => {
    const places = latest.current;
    setDragged(undefined);
    useBoard.getState().set({ aim: "" });
    if (places !== undefined) deeds.place(places);
  }, [deeds]);
  return { nodes: overview ? noNodes : nodes, edges: overview ? noEdges : edges, onNodesChange, onEdgesChange, onDragStop };
}
