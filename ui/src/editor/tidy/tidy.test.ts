import { expect, test } from "vitest";
import type { FlowDoc } from "../../api/wire";
import { align, distribute, snapAll } from "../model/align";
import { scene } from "../model/scene";
import { dice, kinds, sample } from "../testing/flow";
import { arrange, type TidyJob, type TidyPlaces } from "./layout";
import { jobOf, tidy } from "./tidy";

function random(count: number, seed: number): TidyJob {
  const roll = dice(seed);
  const cards = Array.from({ length: count }, (_, i) => ({ id: `n${i}`, at: [Math.floor(roll() * 4000), Math.floor(roll() * 4000)] as [number, number], size: [208, 92] as [number, number], outputs: ["a", "b"] }));
  const wires = Array.from({ length: count * 1.3 }, () => ({ from: `n${Math.floor(roll() * count)}`, port: roll() < 0.5 ? "a" : "b", to: `n${Math.floor(roll() * count)}` }));
  return { cards, wires };
}

const overlaps = (job: TidyJob, places: TidyPlaces) => {
  const at = new Map(places);
  const boxes = job.cards.map((c) => ({ x: at.get(c.id)?.[0] ?? NaN, y: at.get(c.id)?.[1] ?? NaN, w: c.size[0], h: c.size[1] }));
  return boxes.some((a, i) => boxes.slice(i + 1).some((b) => !(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y)));
};

test("a tidy graph is the same each time, whatever the order; nothing overlaps; all lies on the grid", () => {
  for (const seed of [1, 2, 3]) {
    const job = random(80, seed);
    const places = arrange(job);
    expect(overlaps(job, places)).toBe(false);
    expect(places.every(([, p]) => p[0] % 8 === 0 && p[1] % 8 === 0)).toBe(true);
    const mixed = { cards: job.cards.toReversed(), wires: job.wires };
    expect(new Map(arrange(mixed))).toEqual(new Map(places));
  }
});

test("data flows from left to right about the old centre, in the order of ports", () => {
  const doc: FlowDoc = { ...sample(), layout: { csv: [0, 0], join: [0, 100], clean: [0, 200], events: [0, 300], users: [0, 400] } };
  const at = new Map(arrange(jobOf(scene(doc, "", kinds), new Set())));
  const x = (id: string) => at.get(id)?.[0] ?? NaN;
  expect(x("events")).toBeLessThan(x("clean"));
  expect(x("clean")).toBeLessThan(x("join"));
  expect(x("join")).toBeLessThan(x("csv"));
  const mid = ([...at.values()].reduce((s, p) => Math.min(s, p[0]), Infinity) + [...at.values()].reduce((s, p) => Math.max(s, p[0] + 208), -Infinity)) / 2;
  expect(Math.abs(mid - 104)).toBeLessThanOrEqual(8);
  const fan: TidyJob = {
    cards: ["r", "x", "y", "z"].map((id, i) => ({ id, at: [i * 300, -i * 200], size: [208, 92], outputs: ["one", "two", "three"] })),
    wires: [{ from: "r", port: "three", to: "x" }, { from: "r", port: "one", to: "y" }, { from: "r", port: "two", to: "z" }],
  };
  const y = new Map(arrange(fan));
  expect(["y", "z", "x"].map((id) => y.get(id)?.[1])).toEqual(["y", "z", "x"].map((id) => y.get(id)?.[1]).toSorted((a, b) => (a ?? 0) - (b ?? 0)));
});

test("only what is selected moves, notes never do; without a worker it is done in place", async () => {
  const s = scene(sample(), "", kinds);
  expect(jobOf(s, new Set(["csv", "join"])).cards.map((c) => c.id)).toEqual(["join", "csv"]);
  const all = jobOf(s, new Set(["csv"]));
  expect(all.cards).toHaveLength(5);
  expect(await tidy({ cards: [], wires: [] })).toEqual([]);
});

test("edges line up, gaps become equal, corners come onto the grid", () => {
  const cards = scene(sample(), "", kinds).cards.filter((c) => c.type === "node");
  expect(new Set(align(cards, "top").map(([, p]) => p[1]))).toEqual(new Set([0]));
  expect(new Set(align(cards, "right").map(([, p]) => p[0]))).toEqual(new Set([960]));
  expect(new Set(align(cards, "middle").map(([, p]) => p[1]))).toEqual(new Set([80]));
  expect(align(cards.slice(0, 1), "left")).toEqual([]);
  const row = cards.map((c, i) => ({ ...c, at: [i * i * 300, 0] as [number, number] }));
  const xs = distribute(row, "h").map(([, p]) => p[0]).toSorted((a, b) => a - b);
  expect(xs.slice(1).map((v, i) => v - (xs[i] ?? 0))).toEqual([1200, 1200, 1200, 1200]);
  expect(snapAll([{ ...(cards[0] as (typeof cards)[0]), at: [3, 5] }])).toEqual([["users", [0, 8]]]);
});
