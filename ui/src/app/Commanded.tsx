import { useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from "react";
import { useLocation } from "wouter";
import type { Failure } from "../api/client";
import type { KindMap } from "../api/kinds";
import { useText } from "../api/words";
import { canvasHands } from "../canvas/hands";
import { Tools } from "../commandpalette/Tools";
import { useElsewhere } from "../commandpalette/useElsewhere";
import { CommandContext } from "../editor/commands/context";
import { Clashes } from "../editor/Clashes";
import { useEditor } from "../editor/context";
import { Notices } from "../editor/Notices";
import { useUnsaved } from "../editor/useUnsaved";
import { usePlace } from "../lib/place";
import { useAsks } from "./asking";
import { deedsOf } from "./deeds";
import { nextTheme, useTheme } from "./theme";

const Asks = lazy(() => import("./Asks").then((m) => ({ default: m.Asks })));

/** Commanded lets keys, menus and the palette command the open flow, and asks what they need. */
export function Commanded({ flow, kinds, children }: { flow: string; kinds: KindMap; children: ReactNode }) {
  const editor = useEditor();
  useUnsaved(editor);
  const queries = useQueryClient();
  const asked = useAsks((s) => s.ask !== undefined && s.ask.what !== "outline");
  const [place, go] = usePlace();
  const [, navigate] = useLocation();
  const [theme, setTheme] = useTheme();
  const text = useText();
  const [failures, setFailures] = useState<{ id: number; failure: Failure }[]>([]);
  const deeds = useMemo(() => deedsOf({
    flow, editor, queries, go, navigate, theme: () => setTheme(nextTheme(theme)),
    fail: (failure) => setFailures((was) => [...was.slice(-3), { id: Date.now(), failure }]),
  }), [flow, editor, queries, go, navigate, theme, setTheme]);
  const elsewhere = useElsewhere(flow, go);
  const outline = useCallback(() => {
    const { ask, open, close } = useAsks.getState();
    if (ask?.what === "outline") close();
    else open({ what: "outline" });
  }, []);
  const ctx = useMemo(() => ({ editor, kinds, place, go, deeds, get point() { return canvasHands()?.point(); } }), [editor, kinds, place, go, deeds]);
  return (
    <CommandContext value={ctx}>
      {children}
      <Tools ctx={ctx} elsewhere={elsewhere} onOutline={outline} />
      <Suspense>{asked && <Asks flow={flow} />}</Suspense>
      <Clashes />
      <Notices more={failures.map((f) => ({ id: f.id, text: text(f.failure), tone: "red" as const }))} onClose={(id) => setFailures((was) => was.filter((f) => f.id !== id))} />
    </CommandContext>
  );
}
