import { type RefObject, useMemo, useState } from "react";
import { kindDrag } from "../api/kindsearch";
import type { Scene } from "../editor/model/scene";
import { usePlace } from "../lib/place";
import { useBoard } from "./board";
import { type Deeds, roomFor } from "./deeds";
import type { Pointer } from "./usePointer";

/** useDrops takes what is dropped on the canvas: kinds of the palette, and flow files. */
export function useDrops({ deeds, pointer, now, onImport }: { deeds: Deeds; pointer: Pointer; now: RefObject<Scene>; onImport: ((text: string) => void) | undefined }) {
  const [over, setOver] = useState(false);
  const [, go] = usePlace();
  const handlers = useMemo(() => ({
    onDragOver(e: React.DragEvent) {
      const kind = e.dataTransfer.types.includes(kindDrag);
      const file = e.dataTransfer.types.includes("Files");
      if (!kind && !file) return;
      e.preventDefault();
      e.dataTransfer.dropEffect = "copy";
      if (file) setOver(true);
      else {
        const spot = pointer.places.spot(e);
        const aim = (pointer.places.cardAt(spot) === undefined ? pointer.places.wireAt(spot) : undefined) ?? "";
        if (aim !== useBoard.getState().aim) useBoard.getState().set({ aim });
      }
    },
    onDragLeave(e: React.DragEvent) {
      if (e.currentTarget.contains(e.relatedTarget as Node | null)) return;
      setOver(false);
      useBoard.getState().set({ aim: "" });
    },
    onDrop(e: React.DragEvent) {
      setOver(false);
      const kind = e.dataTransfer.getData(kindDrag);
      const file = e.dataTransfer.files[0];
      if (kind === "" && file === undefined) return;
      e.preventDefault();
      if (kind !== "") {
        const spot = pointer.places.spot(e);
        const wire = pointer.places.cardAt(spot) === undefined ? pointer.places.wireAt(spot) : undefined;
        const corner = { x: spot.x - 104, y: spot.y - 46 };
        useBoard.getState().set({ aim: "" });
        const id = (wire === undefined ? undefined : deeds.add(kind, corner, { wire })) ?? deeds.add(kind, roomFor(now.current, corner), {});
        if (id !== undefined) {
          useBoard.getState().set({ active: id, keys: false });
          go({ open: id, tab: "properties" }, { replace: true });
        }
      } else if (file !== undefined && onImport !== undefined) {
        void file.text().then(onImport);
      }
    },
  }), [deeds, pointer, now, onImport, go]);
  return { over, handlers };
}
