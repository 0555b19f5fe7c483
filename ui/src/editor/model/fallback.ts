// Places for cards that the file gives none: a file written by hand has no
// layout, and a node that somebody adds through the API none either.
import type { Point } from "./size";
import { around } from "./size";

interface Placeable {
  id: string;
  at: Point;
  size: Point;
}

const gap: Point = [112, 40];

/** spread places the cards that have no position in columns by their depth, below the others. */
export function spread(cards: readonly Placeable[], wires: readonly { from: string; to: string }[]): void {
  const lost = new Map(cards.filter((c) => Number.isNaN(c.at[0])).map((c) => [c.id, c]));
  if (lost.size === 0) return;
  const depth = depths([...lost.keys()], wires.filter((w) => lost.has(w.from) && lost.has(w.to)));
  const rest = around(cards.filter((c) => !Number.isNaN(c.at[0])));
  const left = rest?.x ?? 0;
  const top = rest === undefined ? 0 : rest.y + rest.h + gap[1];
  const filled = new Map<number, number>();
  for (const [id, card] of lost) {
    const d = depth.get(id) ?? 0;
    const y = filled.get(d) ?? top;
    card.at = [left + d * (208 + gap[0]), y];
    filled.set(d, y + card.size[1] + gap[1]);
  }
}

/** depths returns each id's longest way from a start; cycles are cut where they close. */
function depths(ids: string[], wires: readonly { from: string; to: string }[]): Map<string, number> {
  const next = new Map<string, string[]>();
  const waits = new Map<string, number>(ids.map((id) => [id, 0]));
  for (const w of wires) {
    if (w.from === w.to) continue;
    next.set(w.from, [...(next.get(w.from) ?? []), w.to]);
    waits.set(w.to, (waits.get(w.to) ?? 0) + 1);
  }
  const depth = new Map<string, number>();
  const ready = ids.filter((id) => waits.get(id) === 0);
  const todo = new Set(ids);
  while (todo.size > 0) {
    const id = ready.shift() ?? ([...todo][0] as string);
    if (!todo.delete(id)) continue;
    const d = depth.get(id) ?? 0;
    depth.set(id, d);
    for (const n of next.get(id) ?? []) {
      if (!todo.has(n)) continue;
      depth.set(n, Math.max(depth.get(n) ?? 0, d + 1));
      waits.set(n, (waits.get(n) ?? 1) - 1);
      if (waits.get(n) === 0) ready.push(n);
    }
  }
  return depth;
}
