import { type RefObject, useCallback, useEffect, useMemo } from "react";
import type { KindMap } from "../api/kinds";
import type { Context } from "../editor/commands/command";
import type { Scene } from "../editor/model/scene";
import { usePlace } from "../lib/place";
import { useBoard } from "./board";
import { CanvasMenu } from "./CanvasMenu";
import { type Deeds, fitting, roomFor } from "./deeds";
import { NoteEditor } from "./NoteEditor";
import { Picker } from "./Picker";
import { QuickAdd } from "./QuickAdd";
import { SlugEditor } from "./SlugEditor";
import type { Looking } from "./useReveal";

/** Questions shows what the canvas asks: for a kind, for outputs and inputs, what to do. */
export function Questions({ kinds, deeds, room, scene, root, view, commands }: { kinds: KindMap; deeds: Deeds; room: { w: number; h: number }; scene: Scene; root: RefObject<HTMLDivElement | null>; view: Looking; commands: Context | undefined }) {
  const { asking, picking, menu, writing, writes, set } = useBoard();
  const [, go] = usePlace();
  const close = useCallback(() => {
    set({ asking: undefined, picking: undefined, menu: undefined, writing: "" });
    root.current?.focus({ preventScroll: true });
  }, [set, root]);
  // What a command of the menu opened stays.
  const closeMenu = useCallback(() => {
    set({ menu: undefined });
    const b = useBoard.getState();
    if (b.asking === undefined && b.writing === "") root.current?.focus({ preventScroll: true });
  }, [set, root]);
  const add = useCallback((kind: string) => {
    const asked = useBoard.getState().asking;
    const spot = asked?.spot ?? { x: 0, y: 0 };
    const id = deeds.add(kind, asked?.wire === undefined ? roomFor(scene, spot) : spot, asked ?? {});
    close();
    if (id === undefined) return;
    set({ active: id, keys: true });
    go({ open: id, tab: "properties" }, { replace: true });
  }, [deeds, scene, close, set, go]);
  // The palette adds in the middle of what is seen.
  useEffect(() => {
    const hear = (e: Event) => {
      const at = view.middle();
      set({ asking: { at: { x: 0, y: 0 }, spot: { x: at.x - 104, y: at.y - 46 } } });
      add((e as CustomEvent<string>).detail);
    };
    addEventListener("weir:add", hear);
    return () => removeEventListener("weir:add", hear);
  }, [add, set, view]);
  const only = useMemo(() => (asking === undefined ? undefined : fitting(kinds, asking)), [asking, kinds]);
  return (
    <>
      {asking !== undefined && <QuickAdd at={asking.at} room={room} kinds={kinds} only={only} onPick={add} onClose={close} />}
      {picking !== undefined && <Picker picking={picking} deeds={deeds} room={room} nameOf={(id) => scene.byId.get(id)?.name ?? id} onClose={close} />}
      {menu !== undefined && <CanvasMenu menu={menu} commands={commands} onClose={closeMenu} />}
      {writing !== "" && writes === "slug" && <SlugEditor id={writing} onClose={close} where={view.boxOf} />}
      {writing !== "" && writes === "name" && <NoteEditor id={writing} onClose={close} where={view.boxOf} />}
    </>
  );
}
