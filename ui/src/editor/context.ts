import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { Editor, EditorState } from "./store";

/** EditorContext gives the editor of the flow that is open. */
export const EditorContext = createContext<Editor | undefined>(undefined);

/** useEditor returns the editor of the open flow. */
export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (editor === undefined) throw new Error("no flow is open here");
  return editor;
}

/** useDraft selects from the editor's state. */
export function useDraft<T>(select: (s: EditorState) => T): T {
  return useStore(useEditor().store, select);
}
