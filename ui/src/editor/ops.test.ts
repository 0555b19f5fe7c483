import { expect, test } from "vitest";
import type { FlowDoc, Op } from "../api/wire";
import { diff } from "./diff";
import { apply, rebase } from "./ops";
import { dice, sample } from "./testing/flow";

const pick = <T>(roll: () => number, list: readonly T[]): T => list[Math.floor(roll() * list.length)] as T;

function randomOps(roll: () => number): Op[] {
  const names = ["users", "events", "clean", "new"];
  return Array.from({ length: 1 + Math.floor(roll() * 6) }, (): Op => {
    const n = pick(roll, names);
    const gone = roll() < 0.4;
    const paths: [string[], unknown][] = [
      [["nodes", n], { kind: "Read" }],
      [["nodes", n, "settings", pick(roll, ["mode", "path"])], pick(roll, ["a", ["x"], { k: "v" }])],
      [["nodes", n, "inputs", "left", "on_empty"], "skip"],
      [["connections", pick(roll, ["users-join", "w"])], { from: "users", output: "success", to: "join" }],
      [["connections", "events-clean", "limit", "bytes"], "1GB"],
      [["layout", n], [Math.floor(roll() * 100), 0]],
      [["groups", "g"], {}],
      [["groups", "g", "name"], "G"],
      [["doc"], "Words."],
    ];
    const [path, value] = pick(roll, paths);
    return gone ? { path } : { path, value };
  });
}

test("what operations did, their inverse takes back to the letter", () => {
  const roll = dice(7);
  let doc: FlowDoc = sample();
  for (let i = 0; i < 3000; i++) {
    const before = JSON.stringify(doc);
    const { doc: after, inverse } = apply(doc, randomOps(roll));
    expect(JSON.stringify(doc)).toBe(before);
    const { doc: again } = apply(after, inverse);
    expect(again).toEqual(doc);
    doc = after;
  }
});

test("a difference makes the second file of the first", () => {
  const roll = dice(11);
  const first = sample();
  let doc: FlowDoc = first;
  for (let i = 0; i < 500; i++) {
    doc = apply(i % 50 === 0 ? first : doc, randomOps(roll)).doc;
    const ops = diff(first, doc);
    expect(apply(first, ops).doc).toEqual(doc);
  }
  expect(diff(first, sample())).toEqual([]);
});

test("a difference tells of single settings, whole entries and whole lists", () => {
  const doc = sample();
  const to = structuredClone(doc);
  (to.nodes["csv"] as { settings: Record<string, unknown> }).settings["path"] = "x";
  delete to.nodes["users"];
  (to.nodes["join"] as { after: string[] }).after = ["events"];
  delete to.layout;
  const paths = diff(doc, to).map((op) => op.path.join("."));
  expect(paths).toContain("nodes.csv.settings.path");
  expect(paths).toContain("nodes.users");
  expect(paths).toContain("nodes.join.after");
  expect(paths.filter((p) => p.startsWith("layout."))).toHaveLength(5);
});

test("objects that lose their last key go, but for the list of nodes", () => {
  const bare: FlowDoc = { weir: 1, id: "f", mode: "runs", nodes: { a: { kind: "Read", settings: { x: 1 } } } };
  expect(apply(bare, [{ path: ["nodes", "a", "settings", "x"] }]).doc.nodes["a"]).toEqual({ kind: "Read" });
  const { doc, inverse } = apply(bare, [{ path: ["nodes", "a"] }]);
  expect(doc.nodes).toEqual({});
  expect(apply(doc, inverse).doc).toEqual(bare);
  expect(() => apply(bare, [{ path: ["id", "x"], value: 1 }])).toThrow();
});

test("names of entries may be those of an object's own methods", () => {
  const { doc, inverse } = apply(sample(), [{ path: ["nodes", "constructor", "name"], value: "x" }]);
  expect(doc.nodes["constructor"]).toEqual({ name: "x" });
  expect(apply(doc, inverse).doc).toEqual(sample());
});

test("fields are rebased one by one, positions never clash, whole entries hold back the step", () => {
  const theirs: Op[] = [{ path: ["nodes", "csv", "name"], value: "theirs" }, { path: ["layout", "csv"], value: [1, 1] }];
  const mine: Op[] = [{ path: ["nodes", "csv", "name"], value: "mine" }, { path: ["nodes", "csv", "doc"], value: "D" }, { path: ["layout", "csv"], value: [2, 2] }];
  const fields = rebase(mine, theirs);
  expect(fields.keep.map((o) => o.path.at(-1))).toEqual(["doc", "csv"]);
  expect(fields.clashes).toHaveLength(1);
  const gone = rebase([{ path: ["nodes", "csv"] }, { path: ["connections", "join-csv"] }, { path: ["layout", "csv"] }], theirs);
  expect(gone.keep).toEqual([]);
  expect(rebase([{ path: ["nodes", "csv", "name"], value: "theirs" }], theirs).clashes).toEqual([]);
});
