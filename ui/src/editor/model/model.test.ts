import { expect, test } from "vitest";
import type { FlowDoc, Op } from "../../api/wire";
import { apply } from "../ops";
import { dice, kinds, sample, wiring } from "../testing/flow";
import { addNode, move, rename, setSetting, terminate } from "./nodes";
import { remove } from "./remove";
import { scene } from "./scene";
import { freeSlug, isSlug, slugOf } from "./slug";
import type { Step } from "./work";
import { connect, rewire, splice, unusedOutputs, whyNot } from "./wires";

const done = (doc: FlowDoc, step: Step | Op[]) => apply(doc, Array.isArray(step) ? step : step.ops).doc;

test("slugs are made of kinds and names, and are free", () => {
  expect(["WriteCSV", "ReadGA4", "QueryRecord", "GenerateFlowFile", "사용자", "9 lives"].map((k) => slugOf(k))).toEqual(
    ["write-csv", "read-ga4", "query-record", "generate-flow-file", "node", "lives"]);
  expect(freeSlug("csv", (s) => ["csv", "csv-2"].includes(s))).toBe("csv-3");
  const long = "a".repeat(63);
  expect(isSlug(freeSlug(long, (s) => s === long))).toBe(true);
  expect(["Csv", "a--b", "-a", "a-", "", "1a"].some(isSlug)).toBe(false);
});

test("a node is added with a slug of its own and its default settings left alone", () => {
  const first = addNode(sample(), "WriteCSV", [13, 21], "");
  expect(first.select).toEqual(["write-csv"]);
  const doc = done(sample(), first);
  expect(doc.nodes["write-csv"]).toEqual({ kind: "WriteCSV" });
  expect(doc.layout?.["write-csv"]).toEqual([16, 24]);
  expect(addNode(doc, "WriteCSV", [0, 0], "").select).toEqual(["write-csv-2"]);
});

test("wires: outputs to the same input share one, wired outputs end nowhere no more, the impossible has a reason", () => {
  let doc = sample();
  expect(unusedOutputs(doc, "users", kinds)).toEqual(["failure"]);
  doc = done(doc, terminate(doc, "users", "failure", true));
  expect(unusedOutputs(doc, "users", kinds)).toEqual([]);
  const step = connect(doc, { from: "users", output: "failure", to: "join", input: "right" }, kinds);
  expect(step.select).toEqual(["wire:users-join"]);
  doc = done(doc, step);
  expect(doc.connections?.["users-join"]?.output).toEqual(["failure", "success"]);
  expect(doc.nodes["users"]?.terminate).toBeUndefined();
  doc = done(doc, connect(doc, { from: "users", output: "success", to: "csv", input: "" }, kinds));
  expect(doc.connections?.["users-csv"]).toEqual({ from: "users", output: "success", to: "csv" });
  doc = done(doc, terminate(doc, "users", "success", true));
  expect(doc.connections?.["users-join"]?.output).toBe("failure");
  expect(doc.connections?.["users-csv"]).toBeUndefined();
  expect(whyNot(doc, { from: "csv", output: "success", to: "users", input: "" }, kinds)).toBe("tools.takesNothing");
  expect(whyNot(doc, { from: "csv", output: "nope", to: "join", input: "left" }, kinds)).toBe("tools.noSuchOutput");
  expect(whyNot(doc, { from: "events", output: "success", to: "join", input: "" }, kinds)).toBe("tools.noSuchInput");
  expect(connect(doc, { from: "events", output: "success", to: "clean", input: "" }, kinds).ops).toEqual([]);
});

test("a node put into a wire takes what came and hands on; the wire keeps its limit", () => {
  const step = splice(sample(), "wire:events-clean", { kind: "Clean" }, kinds);
  const doc = done(sample(), step);
  expect(step.select).toEqual(["clean-2"]);
  expect(doc.connections?.["events-clean"]).toEqual({ from: "events", output: "success", to: "clean-2", limit: { flowfiles: 5 } });
  expect(wiring(doc)).toContain("clean-2.success > clean.");
  expect(splice(sample(), "wire:events-clean", { kind: "Read" }, kinds).ops).toEqual([]);
  expect(splice(sample(), "wire:events-clean", { node: "clean" }, kinds).ops).toEqual([]);
  const named = splice(sample(), "wire:clean-join", { kind: "QueryRecord" }, kinds);
  expect(wiring(done(sample(), named))).toContain("query-record.success > join.left");
});

test("an end of a wire is moved; it keeps its slug and limit", () => {
  let doc = done(sample(), rewire(sample(), "wire:events-clean", "to", "csv", "", kinds));
  expect(doc.connections?.["events-clean"]).toEqual({ from: "events", output: "success", to: "csv", limit: { flowfiles: 5 } });
  doc = done(doc, rewire(doc, "wire:events-clean", "from", "join", "success", kinds));
  expect(wiring(doc).filter((w) => w === "join.success > csv.")).toHaveLength(1);
  expect(rewire(sample(), "wire:events-clean", "to", "users", "", kinds).ops).toEqual([]);
});

test("what is removed takes its wires, place and waiters along; reconnect closes the gap", () => {
  const gone = done(sample(), remove(sample(), ["users", "label:note", "wire:join-csv"]));
  expect(gone.nodes["join"]?.after).toBeUndefined();
  expect(Object.keys(gone.connections ?? {})).toEqual(["events-clean", "clean-join"]);
  expect(gone.layout?.["users"]).toBeUndefined();
  expect(gone.labels).toBeUndefined();
  const closed = done(sample(), remove(sample(), ["clean"], { reconnect: true }, kinds));
  expect(closed.connections?.["events-clean"]).toEqual({ from: "events", output: "success", to: "join", input: "left", limit: { flowfiles: 5 } });
  const both = done(sample(), remove(sample(), ["clean", "join"], { reconnect: true }, kinds));
  expect(wiring(both)).toEqual(["events.success > csv.", "users.success > csv."]);
});

test("another slug is used everywhere, and back again is the same file", () => {
  const there = rename(sample(), "users", "people");
  const doc = done(sample(), there);
  expect(there.select).toEqual(["people"]);
  expect(JSON.stringify({ ...doc, connections: Object.values(doc.connections ?? {}) })).not.toContain('"users"');
  expect(doc.nodes["join"]?.after).toEqual(["people"]);
  expect(done(doc, rename(doc, "people", "users"))).toEqual(sample());
  expect(rename(sample(), "users", "csv").ops).toEqual([]);
  expect(rename(sample(), "users", "No good").ops).toEqual([]);
  expect(done(sample(), rename(sample(), "wire:join-csv", "last")).connections?.["last"]?.to).toBe("csv");
});

test("moving and setting touch one path each", () => {
  expect(move(sample(), ["csv", "label:note"], 8, 16)).toEqual([
    { path: ["labels", "note", "at"], value: [8, 416], was: [0, 400] },
    { path: ["layout", "csv"], value: [968, 96], was: [960, 80] },
  ]);
  expect(setSetting(sample(), "csv", "path", undefined)).toEqual([{ path: ["nodes", "csv", "settings", "path"], was: "out/#{day}.csv" }]);
  expect(setSetting(sample(), "users", "where", { a: "b" })).toEqual([{ path: ["nodes", "users", "settings"], value: { where: { a: "b" } }, was: undefined }]);
});

test("cards have sizes by ports only, in a file without places too", () => {
  const doc = sample();
  delete doc.layout;
  (doc.nodes["clean"] as { kind: string }).kind = "Route";
  (doc.nodes["clean"] as { settings: unknown }).settings = { routes: { b: "x", a: "y", c: "z" } };
  const s = scene(doc, "", kinds);
  const card = s.byId.get("clean");
  expect(card?.outputs.map((p) => p.name)).toEqual(["unmatched", "a", "b", "c", "success"]);
  expect(card?.size).toEqual([208, 132]);
  expect(s.byId.get("join")?.inputs.map((p) => p.at[1])).toEqual([36, 56]);
  const cards = s.cards;
  for (const a of cards) for (const b of cards) {
    if (a !== b) expect(a.at[0] + a.size[0] <= b.at[0] || b.at[0] + b.size[0] <= a.at[0] || a.at[1] + a.size[1] <= b.at[1] || b.at[1] + b.size[1] <= a.at[1], `${a.id} ${b.id}`).toBe(true);
  }
  expect(s.wires.map((w) => w.id)).toContain("wire:users-join");
});

test("five thousand nodes make a scene in a moment", () => {
  const roll = dice(3);
  const doc: FlowDoc = { ...sample(), labels: {}, nodes: {}, connections: {}, layout: {} };
  for (let i = 0; i < 5000; i++) {
    doc.nodes[`n${i}`] = { kind: "Clean" };
    (doc.layout as Record<string, [number, number]>)[`n${i}`] = [(i % 70) * 300, Math.floor(i / 70) * 150];
    if (i > 0) (doc.connections as Record<string, unknown>)[`w${i}`] = { from: `n${Math.floor(roll() * i)}`, output: "success", to: `n${i}` };
  }
  const start = performance.now();
  expect(scene(doc, "", kinds).cards).toHaveLength(5000);
  expect(performance.now() - start).toBeLessThan(1000);
});
