import { useEffect } from "react";
import { refOf } from "../editor/model/ports";
import type { Editor } from "../editor/store";
import { useBoard } from "./board";
import { lendHands } from "./hands";
import { useLens } from "./lens";
import { startWiring } from "./useKeys";
import type { Pointer } from "./usePointer";
import type { Looking } from "./useReveal";

/** useHands lends the canvas's hands to commands while it is there. */
export function useHands(view: Looking, pointer: Pointer, editor: Editor): void {
  useEffect(() => lendHands({
    canvas(verb) {
      const only = [...editor.store.getState().selection];
      switch (verb) {
        case "add": return pointer.keyDeeds.ask();
        case "wire": return void startWiring(pointer.keyDeeds, only.length === 1 ? (only[0] as string) : useBoard.getState().active);
        case "fit": return view.fitAll();
        case "zoom-in": return view.zoomBy(1.3);
        case "zoom-out": return view.zoomBy(1 / 1.3);
        case "lens": return useLens.getState().toggle();
        case "rename":
        case "rename-slug":
          if (only.length === 1 && refOf(only[0] as string).type !== "wire") useBoard.getState().set({ writing: only[0] as string, writes: verb === "rename" ? "name" : "slug" });
      }
    },
    // A card of a group that opens just now is there a frame later.
    reveal: (id) => void requestAnimationFrame(() => view.reveal(id, true)),
    point() {
      const p = pointer.last() ?? view.middle();
      return [p.x, p.y];
    },
  }), [view, pointer, editor]);
}
