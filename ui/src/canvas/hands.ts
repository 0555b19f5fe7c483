// What commands, keys and other panels ask of the canvas that is open.
import type { Point } from "../editor/model/size";

/** Hands carry out what the canvas alone can do. */
export interface Hands {
  canvas(verb: "add" | "wire" | "fit" | "zoom-in" | "zoom-out" | "lens" | "rename" | "rename-slug"): void;
  /** reveal brings a card of the open group into view. */
  reveal(id: string): void;
  /** point is where on the flow the mouse was last, or the middle of what is seen. */
  point(): Point;
}

let now: Hands | undefined;

/** canvasHands returns the hands of the canvas that is open, undefined for none. */
export const canvasHands = (): Hands | undefined => now;

/** lendHands gives the hands of a canvas until the returned function is called. */
export function lendHands(hands: Hands): () => void {
  now = hands;
  return () => {
    if (now === hands) now = undefined;
  };
}
