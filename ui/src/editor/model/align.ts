// Lining cards up: edges, middles, equal gaps, the grid.
import type { Card } from "./scene";
import { around, type Point, snap } from "./size";

/** Edge is what cards are lined up by. */
export type Edge = "left" | "right" | "top" | "bottom" | "centre" | "middle";

export type Places = [id: string, at: Point][];

/** align lines cards up by an edge, or by the middle of their widths ("centre") or heights ("middle"). */
export function align(cards: readonly Card[], edge: Edge): Places {
  const area = around(cards);
  if (area === undefined || cards.length < 2) return [];
  return cards.map((c) => {
    const [x, y] = c.at;
    const [w, h] = c.size;
    const at: Record<Edge, Point> = {
      left: [area.x, y],
      right: [area.x + area.w - w, y],
      centre: [Math.round(area.x + (area.w - w) / 2), y],
      top: [x, area.y],
      bottom: [x, area.y + area.h - h],
      middle: [x, Math.round(area.y + (area.h - h) / 2)],
    };
    return [c.id, at[edge]];
  });
}

/** distribute makes the gaps between cards equal; the outermost stay. */
export function distribute(cards: readonly Card[], axis: "h" | "v"): Places {
  if (cards.length < 3) return [];
  const i = axis === "h" ? 0 : 1;
  const sorted = cards.toSorted((a, b) => a.at[i] - b.at[i] || (a.id < b.id ? -1 : 1));
  const first = sorted[0] as Card;
  const last = sorted[sorted.length - 1] as Card;
  const room = last.at[i] + last.size[i] - first.at[i] - sorted.reduce((sum, c) => sum + c.size[i], 0);
  const gap = room / (sorted.length - 1);
  let next = first.at[i];
  return sorted.map((c) => {
    const to = Math.round(next);
    next += c.size[i] + gap;
    return [c.id, i === 0 ? [to, c.at[1]] : [c.at[0], to]];
  });
}

/** snapAll puts cards onto the grid. */
export const snapAll = (cards: readonly Card[]): Places => cards.map((c) => [c.id, snap(c.at)]);
