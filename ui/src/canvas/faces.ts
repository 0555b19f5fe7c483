// From the scene to what React Flow takes: sizes, ports and order given, so that
// it measures nothing; the same object for what did not change.
import { type Edge, type Node, type NodeHandle, Position } from "@xyflow/react";
import type { Card, Port, Scene, Wire } from "../editor/model/scene";
import { portAt } from "../editor/model/scene";

export type CardNode = Node<{ card: Card; wired: ReadonlySet<string> }>;
export type WireEdge = Edge<{ wire: Wire; labelled: boolean }>;

/** handleSize is the size of the square that takes the mouse round a port; React Flow ends wires at its edge. */
export const handleSize = 16;

export const outHandle = (name: string): string => `out:${name}`;
export const inHandle = (name: string): string => `in:${name}`;

/** portOf reads a handle's id. */
export const portOf = (handle: string | null | undefined): string => (handle ?? "").replace(/^(out|in):/, "");

const handle = (p: Port, side: "in" | "out"): NodeHandle => ({
  id: side === "in" ? inHandle(p.name) : outHandle(p.name),
  type: side === "in" ? "target" : "source",
  position: side === "in" ? Position.Left : Position.Right,
  x: p.at[0] - handleSize / 2,
  y: p.at[1] - handleSize / 2,
  width: handleSize,
  height: handleSize,
});

const none: ReadonlySet<string> = new Set();

const samePorts = (a: readonly Port[], b: readonly Port[]) =>
  a.length === b.length && a.every((p, i) => p.name === b[i]?.name && p.label === b[i]?.label && p.at[0] === b[i]?.at[0] && p.at[1] === b[i]?.at[1]);

/** sameCard compares cards by what is drawn of them. */
export const sameCard = (a: Card, b: Card): boolean =>
  a.type === b.type && a.name === b.name && a.color === b.color && a.kind === b.kind && a.at[0] === b.at[0] && a.at[1] === b.at[1] && a.size[0] === b.size[0] && a.size[1] === b.size[1] &&
  samePorts(a.inputs, b.inputs) && samePorts(a.outputs, b.outputs);

const sameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>) => a.size === b.size && [...a].every((x) => b.has(x));

/** wiredPorts returns the handles of each card that wires hang on. */
export function wiredPorts(scene: Scene): Map<string, Set<string>> {
  const wired = new Map<string, Set<string>>();
  const add = (id: string, port: string) => {
    const set = wired.get(id);
    if (set === undefined) wired.set(id, new Set([port]));
    else set.add(port);
  };
  for (const w of scene.wires) {
    for (const o of w.outputs) add(w.from, outHandle(o));
    add(w.from, outHandle(w.port));
    add(w.to, inHandle(w.input));
  }
  return wired;
}

/** mostKept bounds how many selected cards stay mounted out of sight: selecting all of a large flow must not draw it. */
export const mostKept = 40;

/** keptOf returns the cards that stay mounted wherever they are: the active one, and those of a selection that is not large. */
export function keptOf(selection: ReadonlySet<string>, active: string): ReadonlySet<string> {
  return new Set([...(selection.size <= mostKept ? selection : []), active]);
}

/** nodesOf makes React Flow's nodes, taking over those of before that are the same; it never culls one that it takes for dragged. */
export function nodesOf(scene: Scene, selection: ReadonlySet<string>, before: ReadonlyMap<string, CardNode>, kept: ReadonlySet<string> = none): CardNode[] {
  const wired = wiredPorts(scene);
  return scene.cards.map((card) => {
    const old = before.get(card.id);
    const selected = selection.has(card.id);
    const dragging = kept.has(card.id);
    const ports = wired.get(card.id) ?? none;
    if (old !== undefined && sameCard(old.data.card, card) && sameSet(old.data.wired, ports)) {
      return old.selected === selected && old.dragging === dragging ? old : { ...old, selected, dragging };
    }
    return {
      id: card.id,
      type: card.type,
      position: { x: card.at[0], y: card.at[1] },
      width: card.size[0],
      height: card.size[1],
      measured: { width: card.size[0], height: card.size[1] },
      handles: [...card.inputs.map((p) => handle(p, "in")), ...card.outputs.map((p) => handle(p, "out"))],
      data: { card, wired: ports },
      selected,
      dragging,
      zIndex: card.type === "label" ? -1 : 0,
    };
  });
}

/** edgesOf makes React Flow's edges, taking over those of before that are the same. */
export function edgesOf(scene: Scene, selection: ReadonlySet<string>, before: ReadonlyMap<string, WireEdge>): WireEdge[] {
  return scene.wires.map((wire) => {
    const old = before.get(wire.id);
    const selected = selection.has(wire.id);
    const was = old?.data?.wire;
    if (old !== undefined && was !== undefined && was.from === wire.from && was.to === wire.to && was.port === wire.port && was.input === wire.input && was.outputs.join("\0") === wire.outputs.join("\0")) {
      return old.selected === selected ? old : { ...old, selected };
    }
    return {
      id: wire.id,
      type: "wire",
      source: wire.from,
      target: wire.to,
      sourceHandle: outHandle(wire.port),
      targetHandle: inHandle(wire.input),
      data: { wire, labelled: wire.outputs.length > 1 },
      selected,
      focusable: false,
    };
  });
}

/** endsOf returns where a wire starts and ends on the canvas. */
export function endsOf(scene: Scene, wire: Wire): { from: { x: number; y: number }; to: { x: number; y: number } } | undefined {
  const a = scene.byId.get(wire.from);
  const b = scene.byId.get(wire.to);
  if (a === undefined || b === undefined) return undefined;
  const [x0, y0] = portAt(a, wire.port, "out");
  const [x1, y1] = portAt(b, wire.input, "in");
  return { from: { x: x0, y: y0 }, to: { x: x1, y: y1 } };
}
