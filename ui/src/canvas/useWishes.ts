import { type RefObject, useEffect } from "react";
import { onWish } from "../editor/wishes";
import { useLens } from "./lens";
import type { Looking } from "./useReveal";

/** useWishes does what commands ask of the canvas. */
export function useWishes(view: Looking, root: RefObject<HTMLElement | null>, ask: () => void): void {
  useEffect(() => onWish((wish) => {
    switch (wish) {
      case "fit":
        return view.fitAll();
      case "zoom-in":
        return view.zoomBy(1.25);
      case "zoom-out":
        return view.zoomBy(0.8);
      case "lens":
        return useLens.getState().toggle();
      case "add":
        return ask();
      case "wire":
      case "rename":
        // Both go on from the card that has the canvas' focus.
        return root.current?.focus();
    }
  }), [view, root, ask]);
}
