// Glyphs of kinds: what a kind does is told by its shape, never by a hue.
import { memo } from "react";

// Drawn in a box of 18 by 18, strokes only.
const shapes: Record<string, string> = {
  Generate: "M9 2.5v4M9 11.5v4M2.5 9h4M11.5 9h4M4.6 4.6l2.2 2.2M11.2 11.2l2.2 2.2M13.4 4.6l-2.2 2.2M6.8 11.2l-2.2 2.2",
  Join: "M2.5 4.5h3.2c3 0 2.6 4.5 5.6 4.5h4.2M2.5 13.5h3.2c3 0 2.6-4.5 5.6-4.5M13 6.5 15.5 9 13 11.5",
  Merge: "M3 4c4 0 3 5 6 5h6M3 14c4 0 3-5 6-5M12.5 6.5 15 9l-2.5 2.5",
  List: "M6.5 4.5h9M6.5 9h9M6.5 13.5h9M2.6 4.5h.8M2.6 9h.8M2.6 13.5h.8",
  Fetch: "M4.5 2.5h6l3.5 3.5v9.5h-9.5zM9.2 7v5.5M6.9 10.2l2.3 2.3 2.3-2.3",
  Write: "M4.5 2.5h6l3.5 3.5v9.5h-9.5zM9.2 12.7V7.2M6.9 9.5l2.3-2.3 2.3 2.3",
  Table: "M2.5 3.5h13v11h-13zM2.5 7.2h13M7 7.2v7.3M2.5 10.9h13",
  Log: "M3 3.5h12v9H8.5L5.5 15.500v-3H3zM5.8 6.7h6.4M5.8 9.3h4.2",
  Query: "M9 3c3.3 0 6 .9 6 2.100s-2.7 2.1-6 2.1-6-.9-6-2.100S5.7 3 9 3zM3 5.100v7.800C3 14.1 5.7 15 9 15M15 5.100v3.400M12.8 10.200a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.400zM14.4 14l1.6 1.6",
  Store: "M9 3c3.3 0 6 .9 6 2.100s-2.7 2.1-6 2.1-6-.9-6-2.100S5.7 3 9 3zM3 5.100v7.800C3 14.1 5.7 15 9 15s6-.9 6-2.100V5.100M3 9c0 1.2 2.7 2.1 6 2.100s6-.9 6-2.1",
  Load: "M3 11.500v3h12v-3M9 11.500v-9M5.8 5.7 9 2.500l3.2 3.2",
  Read: "M3 11.500v3h12v-3M9 2.500v9M5.8 8.3 9 11.500l3.2-3.2",
  Chart: "M3 15V9.500M7 15V5.500M11 15v-3.500M15 15V3.5",
  Route: "M2.5 9h4c4 0 3-5.5 9-5.500M6.5 9c4 0 3 5.5 9 5.500M13 1.500l2.5 2-2.5 2M13 12.500l2.5 2-2.5 2",
  Edit: "M3 15l.8-3.300L11.9 3.600a1.5 1.5 0 0 1 2.1 0l.4.4a1.5 1.5 0 0 1 0 2.100L6.3 14.200zM10.5 5l2.5 2.5",
  Funnel: "M3 3.500h12l-4.5 5.800v4.200l-3 1.500V9.300z",
  In: "M10.5 3.500h4v11h-4M2.5 9h8M7.8 6.3 10.5 9l-2.7 2.7",
  Out: "M7.5 3.500h-4v11h4M7.5 9h8M12.8 6.3 15.5 9l-2.7 2.7",
  Group: "M3 6.500h12v8H3zM5 3.500h8M3 6.500l2-3M15 6.500l-2-3",
  Doc: "M9 2.5 15 6v6l-6 3.500L3 12V6zM9 9l6-3M9 9v6.500M9 9 3 6",
  Mask: "M2.5 9c2-3 4.1-4.5 6.5-4.500s4.5 1.5 6.5 4.500c-2 3-4.1 4.5-6.5 4.500S4.5 12 2.5 9zM3.5 15.500l11-13",
  Cloud: "M5.5 14a3.2 3.2 0 0 1-.4-6.4 4.2 4.2 0 0 1 8-.6A3.5 3.5 0 0 1 13 14z",
  Http: "M9 2.500a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM2.5 9h13M9 2.500c3.4 4 3.4 9 0 13M9 2.500c-3.4 4-3.4 9 0 13",
  Braces: "M7 3C4.5 3 5.7 6.5 5 8c-.4.7-1 1-1.5 1 .5 0 1.1.3 1.5 1 .7 1.5-.5 5 2 5M11 3c2.5 0 1.3 3.5 2 5 .4.7 1 1 1.5 1-.5 0-1.1.3-1.5 1-.7 1.5.5 5-2 5",
  Box: "M3.5 3.500h11v11h-11zM6.5 9h5",
};

// The first of these words in a kind's name decides; whole names come first.
const rules: readonly [RegExp, string][] = [
  [/^Funnel$/, "Funnel"],
  [/^InputPort$/, "In"],
  [/^OutputPort$/, "Out"],
  [/^Group$/, "Group"],
  [/^GoogleCloud|Cloud/, "Cloud"],
  [/^Generate/, "Generate"],
  [/^Join|Enrich/, "Join"],
  [/^Merge/, "Merge"],
  [/^List/, "List"],
  [/GA4|Analytics/, "Chart"],
  [/Firestore/, "Doc"],
  [/^Query/, "Query"],
  [/DuckDB/, "Store"],
  [/CSV|Parquet|Excel/, "Table"],
  [/^Fetch|^ReadFile/, "Fetch"],
  [/^WriteFile|^Put/, "Write"],
  [/^Load/, "Load"],
  [/^Log/, "Log"],
  [/^Route|Split|Partition/, "Route"],
  [/^Update|^Set|Attribute/, "Edit"],
  [/^Mask|Hash/, "Mask"],
  [/HTTP|Http/, "Http"],
  [/JSON|Json/, "Braces"],
  [/^Read|^Consume|^Get/, "Read"],
];

/** shapeOf returns the path of a kind's glyph in a box of 18 by 18. */
export function shapeOf(kind: string): string {
  const rule = rules.find(([words]) => words.test(kind));
  return shapes[rule?.[1] ?? "Box"] ?? "";
}

/** KindGlyph draws the glyph of a kind, for the eye alone. */
export const KindGlyph = memo(function KindGlyph({ kind, size = 18 }: { kind: string; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 18 18" fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={shapeOf(kind)} />
    </svg>
  );
});
