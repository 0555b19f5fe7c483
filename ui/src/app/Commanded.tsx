import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import { useLocation } from "wouter";
import type { Failure } from "../api/client";
import type { KindMap } from "../api/kinds";
import { useText } from "../api/words";
import { Toasts } from "../ds/Toast";
import { CommandContext } from "../editor/commands/context";
import { useKeymap } from "../editor/commands/useKeymap";
import { useEditor } from "../editor/context";
import { usePlace } from "../lib/place";
import { Asks } from "./Asks";
import { deedsOf } from "./deeds";
import { useTheme } from "./theme";

/** Commanded lets keys, menus and the palette command the open flow, and asks what they need. */
export function Commanded({ flow, kinds, children }: { flow: string; kinds: KindMap; children: ReactNode }) {
  const editor = useEditor();
  const queries = useQueryClient();
  const [place, go] = usePlace();
  const [, navigate] = useLocation();
  const [theme, setTheme] = useTheme();
  const text = useText();
  const [failures, setFailures] = useState<{ id: number; failure: Failure }[]>([]);
  const deeds = useMemo(() => deedsOf({
    flow, editor, queries, go, navigate, theme: () => setTheme(theme === "dark" ? "light" : "dark"),
    fail: (failure) => setFailures((was) => [...was.slice(-3), { id: Date.now(), failure }]),
  }), [flow, editor, queries, go, navigate, theme, setTheme]);
  const ctx = useMemo(() => ({ editor, kinds, place, go, deeds }), [editor, kinds, place, go, deeds]);
  useKeymap(ctx);
  return (
    <CommandContext value={ctx}>
      {children}
      <Asks flow={flow} ctx={ctx} />
      <Toasts notes={failures.map((f) => ({ id: f.id, text: text(f.failure), tone: "red" as const }))} onClose={(id) => setFailures((was) => was.filter((f) => f.id !== id))} />
    </CommandContext>
  );
}
