import type { Connection, FinalConnectionState, HandleType, InternalNode } from "@xyflow/react";
import { useMemo, useRef } from "react";
import { useBoard } from "./board";
import type { Deeds } from "./deeds";
import { portOf, type WireEdge } from "./faces";
import type { Point } from "./geometry";

interface Places {
  /** local turns a place of the window into one of the canvas, spot into one of the flow. */
  local(e: MouseEvent | TouchEvent): Point;
  spot(e: MouseEvent | TouchEvent): Point;
  cardAt(spot: Point): string | undefined;
}

// Both ports are known: nothing is asked.
const nowhere: Point = { x: 0, y: 0 };

/** useWires takes what React Flow tells of wires drawn and ends dragged. */
export function useWires(deeds: Deeds, places: Places) {
  // What goes on with the end of a wire that is dragged: React Flow tells of it as of a new wire too.
  const ends = useRef<"" | "dragged" | "done">("");
  return useMemo(() => ({
    onConnect: (c: Connection) => deeds.join(c.source, portOf(c.sourceHandle), c.target, portOf(c.targetHandle), nowhere),
    onConnectStart: () => document.body.classList.add("wiring"),
    // A wire let go: on a card it takes a port there, on nothing it asks for a node.
    onConnectEnd: (e: MouseEvent | TouchEvent, s: FinalConnectionState<InternalNode>) => {
      document.body.classList.remove("wiring");
      if (ends.current !== "" || s.isValid === true || s.fromNode === null || s.fromHandle === null) return;
      const at = places.local(e);
      const spot = places.spot(e);
      const card = places.cardAt(spot);
      const port = portOf(s.fromHandle.id);
      const forth = s.fromHandle.type === "source";
      if (card !== undefined && card !== s.fromNode.id) {
        if (forth) deeds.join(s.fromNode.id, port, card, undefined, at);
        else deeds.join(card, undefined, s.fromNode.id, port, at);
      } else if (card === undefined) {
        const end = { card: s.fromNode.id, port };
        useBoard.getState().set({ asking: forth ? { at, spot: { x: spot.x, y: spot.y - 46 }, from: end } : { at, spot: { x: spot.x - 208, y: spot.y - 46 }, to: end } });
      }
    },
    onReconnectStart: () => {
      ends.current = "dragged";
      document.body.classList.add("wiring");
    },
    onReconnect: (edge: WireEdge, c: Connection) => {
      ends.current = "done";
      if (c.source !== edge.source || c.sourceHandle !== edge.sourceHandle) deeds.rewire(edge.id, "from", c.source, [portOf(c.sourceHandle)], nowhere);
      else if (c.target !== edge.target || c.targetHandle !== edge.targetHandle) deeds.rewire(edge.id, "to", c.target, [portOf(c.targetHandle)], nowhere);
    },
    // React Flow names the end that stayed.
    onReconnectEnd: (e: MouseEvent | TouchEvent, edge: WireEdge, stayed: HandleType) => {
      document.body.classList.remove("wiring");
      const card = ends.current === "done" ? undefined : places.cardAt(places.spot(e));
      ends.current = "";
      const end = stayed === "source" ? "to" : "from";
      if (card !== undefined && card !== (end === "to" ? edge.target : edge.source)) deeds.rewire(edge.id, end, card, undefined, places.local(e));
    },
  }), [deeds, places]);
}
