// Layout of a graph in layers from left to right: a function of what it is
// given, the same for the same cards and wires in whatever order they come.
import { Graph, layout } from "@dagrejs/dagre";
import { around, grid, type Point } from "../model/size";

/** TidyCard is a card; outputs are the names of its ports from the top. */
export interface TidyCard {
  id: string;
  at: Point;
  size: Point;
  outputs: string[];
}

export interface TidyWire {
  from: string;
  port: string;
  to: string;
}

export interface TidyJob {
  cards: TidyCard[];
  wires: TidyWire[];
}

export type TidyPlaces = [id: string, at: Point][];

const gap = { layers: 112, cards: 40 };

const order = (a: TidyCard, b: TidyCard) => a.at[1] - b.at[1] || a.at[0] - b.at[0] || (a.id < b.id ? -1 : 1);

/** portOrder wants targets that only one card feeds to lie in the order of its ports. */
function portOrder(job: TidyJob): { left: string; right: string }[] {
  const sources = new Map<string, Set<string>>();
  for (const w of job.wires) sources.set(w.to, (sources.get(w.to) ?? new Set()).add(w.from));
  return job.cards.flatMap((card) => {
    const first = new Map<string, number>();
    for (const w of job.wires) {
      if (w.from !== card.id || w.to === card.id || sources.get(w.to)?.size !== 1) continue;
      first.set(w.to, Math.min(first.get(w.to) ?? Infinity, card.outputs.indexOf(w.port)));
    }
    const targets = [...first].toSorted((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
    return targets.slice(1).flatMap(([right, port], i) => {
      const before = targets[i];
      return before !== undefined && before[1] < port ? [{ left: before[0], right }] : [];
    });
  });
}

/** arrange returns tidy places about the centre of where the cards were. */
export function arrange(job: TidyJob): TidyPlaces {
  const area = around(job.cards);
  if (area === undefined) return [];
  const cards = job.cards.toSorted(order);
  const rank = new Map(cards.map((c, i) => [c.id, i]));
  const port = new Map(cards.map((c) => [c.id, c.outputs]));
  const place = (w: TidyWire) => (rank.get(w.from) ?? 0) * 1e9 + (port.get(w.from)?.indexOf(w.port) ?? 0) * 1e6 + (rank.get(w.to) ?? 0);
  const wires = job.wires.filter((w) => w.from !== w.to && rank.has(w.from) && rank.has(w.to)).toSorted((a, b) => place(a) - place(b));
  const g = new Graph();
  g.setGraph({ rankdir: "LR", ranker: "tight-tree", nodesep: gap.cards, edgesep: 20, ranksep: gap.layers });
  g.setDefaultEdgeLabel(() => ({}));
  for (const c of cards) g.setNode(c.id, { width: c.size[0], height: c.size[1] });
  for (const w of wires) g.setEdge(w.from, w.to, {});
  layout(g, { constraints: portOrder({ cards, wires }) });
  const raw = cards.map((c) => {
    const n = g.node(c.id) as { x: number; y: number };
    return { id: c.id, at: [n.x - c.size[0] / 2, n.y - c.size[1] / 2] as Point, size: c.size };
  });
  const now = around(raw) ?? area;
  const dx = area.x + area.w / 2 - now.x - now.w / 2;
  const dy = area.y + area.h / 2 - now.y - now.h / 2;
  const to = (v: number) => Math.round(v / grid) * grid;
  return raw.map((c) => [c.id, [to(c.at[0] + dx), to(c.at[1] + dy)]]);
}
