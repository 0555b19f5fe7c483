import { useEffect, useMemo, useState } from "react";
import type { Context } from "../editor/commands/command";
import { useKeymap } from "../editor/commands/useKeymap";
import { CommandPalette } from "./CommandPalette";
import type { Elsewhere } from "./entries";
import { KeySheet } from "./KeySheet";

const nowhere: readonly Elsewhere[] = [];

/**
 * Tools lets keys run commands on the page of a flow, and holds the palette and
 * the sheet of keys. Other parts open the palette by the event "weir:palette".
 */
export function Tools({ ctx, elsewhere = nowhere, onOutline }: { ctx: Context; elsewhere?: readonly Elsewhere[]; onOutline?: () => void }) {
  const [shown, setShown] = useState<"palette" | "keys">();
  const whole = useMemo((): Context => ({
    ...ctx,
    deeds: { ...ctx.deeds, show: (what) => {
      if (what === "outline") onOutline?.();
      else if (what === "palette") dispatchEvent(new Event("weir:palette"));
      else setShown(what);
    } },
  }), [ctx, onOutline]);
  useKeymap(whole);
  useEffect(() => {
    const open = () => setShown("palette");
    addEventListener("weir:palette", open);
    return () => removeEventListener("weir:palette", open);
  }, []);
  if (shown === "palette") return <CommandPalette ctx={whole} elsewhere={elsewhere} onClose={() => setShown((s) => (s === "palette" ? undefined : s))} />;
  if (shown === "keys") return <KeySheet onClose={() => setShown(undefined)} />;
  return null;
}
