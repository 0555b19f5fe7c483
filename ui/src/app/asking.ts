import { create } from "zustand";

/** Ask is a question about the whole flow that stands over the page. */
export type Ask = { what: "publish" | "delete" } | { what: "import"; text: string } | { what: "outline" } | { what: "verify"; nodes: string[] };

/** useAsks holds the question that is open. */
export const useAsks = create<{ ask: Ask | undefined; open(ask: Ask): void; close(): void }>()((set) => ({
  ask: undefined,
  open: (ask) => set({ ask }),
  close: () => set({ ask: undefined }),
}));
