import { expect, test } from "vitest";
import type { KindMap } from "../api/kinds";
import { scene } from "../editor/model/scene";
import { endsOf } from "./faces";
import { meets } from "./geometry";
import { pillHeight, pillWidth, standOf, takenBy } from "./pills";

const kinds: KindMap = new Map([
  ["Two", { kind: "Two", doc: "", inputs: [{ name: "", doc: "" }], outputs: [{ name: "success", doc: "", class: "out" }, { name: "failure", doc: "", class: "rejected" }] }],
]);

const flow = (gap: number) => scene({
  weir: 1, id: "f", mode: "continuous",
  nodes: { a: { kind: "Two" }, b: { kind: "Two" } },
  connections: { ab: { from: "a", output: "success", to: "b" }, other: { from: "a", output: "failure", to: "b" } },
  layout: { a: [0, 0], b: [208 + gap, 0] },
} as unknown as Parameters<typeof scene>[0], "", kinds);

function stand(gap: number) {
  const s = flow(gap);
  const wire = s.wires[0] as (typeof s.wires)[number];
  const ends = endsOf(s, wire) as NonNullable<ReturnType<typeof endsOf>>;
  const taken = [...takenBy(s, s.byId.get("a"), wire.port, ends.from, "out"), ...takenBy(s, s.byId.get("b"), wire.input, ends.to, "in")];
  const found = standOf(ends.from, ends.to, ["10.5k · 3.0 MB", "10.5k"], taken);
  const w = pillWidth(found.text);
  return { ...found, ends, taken, box: { x: found.at.x - w / 2, y: found.at.y - pillHeight / 2, w, h: pillHeight } };
}

test("a pill covers neither names nor cards, however short the wire is", () => {
  for (const gap of [80, 96, 120, 160, 240, 400]) {
    const { taken, box } = stand(gap);
    expect(taken, "two cards and two names").toHaveLength(4);
    expect(taken.filter((b) => meets(b, box)), `${gap}`).toEqual([]);
  }
});

test("it stands on the wire and says all where there is room, and the count alone where there is little", () => {
  const long = stand(320);
  expect(long.text).toBe("10.5k · 3.0 MB");
  expect(Math.abs(long.at.y - (long.ends.from.y + long.ends.to.y) / 2)).toBeLessThan(12);
  expect(stand(80).text).toBe("10.5k");
});
