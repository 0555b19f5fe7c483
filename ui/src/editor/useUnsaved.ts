import { useEffect } from "react";
import type { Editor } from "./store";

/**
 * useUnsaved has the browser ask before it leaves a page whose edits the server
 * does not have yet, or that clash and wait for a decision. What is being typed
 * is handed over first.
 */
export function useUnsaved(editor: Editor): void {
  useEffect(() => {
    const ask = (e: BeforeUnloadEvent) => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      const { pending, kept } = editor.store.getState();
      if (pending.length + kept.length > 0) e.preventDefault();
    };
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [editor]);
}
