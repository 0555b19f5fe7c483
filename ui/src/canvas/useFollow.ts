import { type RefObject, useEffect, useRef } from "react";
import { useStoreApi } from "@xyflow/react";
import { useDraft } from "../editor/context";
import { usePlace } from "../lib/place";
import { useBoard } from "./board";

/** useFollow has the open inspector show the card that alone is selected, and takes the focus back once it is closed. */
export function useFollow(root: RefObject<HTMLDivElement | null>): void {
  const [{ open }, go] = usePlace();
  const store = useStoreApi();
  const only = useDraft((s) => (s.selection.size === 1 ? ([...s.selection][0] ?? "") : ""));
  const now = useRef({ open, go });
  now.current = { open, go };
  const begun = useRef(false);
  useEffect(() => {
    // What a link opened stays open until something else is selected; a lasso only passes over cards.
    const past = store.getState().userSelectionActive || useBoard.getState().passing === only;
    if (begun.current && !past && only !== "" && now.current.open !== "" && now.current.open !== only) now.current.go({ open: only }, { replace: true });
    begun.current = true;
  }, [only, store]);
  useEffect(() => useBoard.getState().set({ opened: open }), [open]);
  // Keys go on from a card that was searched for or chosen in the outline.
  useEffect(() => {
    if (only !== "" && only === open && useBoard.getState().active !== only) useBoard.getState().set({ active: only });
  }, [only, open]);
  const was = useRef(open);
  useEffect(() => {
    const closed = was.current !== "" && open === "";
    was.current = open;
    if (closed && (document.activeElement === null || document.activeElement === document.body)) root.current?.focus({ preventScroll: true });
  }, [open, root]);
}
