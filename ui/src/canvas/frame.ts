import { createContext, useContext } from "react";
import type { KindMap } from "../api/kinds";
import type { Card, Scene } from "../editor/model/scene";

/** Frame is what cards and wires know of the canvas they stand on; it does not change while they do. */
export interface Frame {
  flow: string;
  kinds: KindMap;
  scene(): Scene;
  /** addAfter asks for a node to wire to an output. */
  addAfter(card: Card, port: string): void;
  /** splice asks for a node to put into a wire. */
  splice(wire: string): void;
}

/** FrameContext gives the canvas to what stands on it. */
export const FrameContext = createContext<Frame | undefined>(undefined);

/** useFrame returns the canvas. */
export function useFrame(): Frame {
  const frame = useContext(FrameContext);
  if (frame === undefined) throw new Error("outside the canvas");
  return frame;
}
