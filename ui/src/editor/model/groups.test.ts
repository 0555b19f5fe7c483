import { expect, test } from "vitest";
import type { FlowDoc, Op } from "../../api/wire";
import { apply } from "../ops";
import { dice, kinds, sample, wiring } from "../testing/flow";
import { sourceLevel, targetLevel } from "./bridge";
import { canMoveTo, makeGroup, moveTo, ungroup } from "./groups";
import { remove } from "./remove";
import { scene } from "./scene";
import { type Step, Work } from "./work";
import { connect } from "./wires";

const done = (doc: FlowDoc, step: Step | Op[]) => apply(doc, Array.isArray(step) ? step : step.ops).doc;

/** sound checks that no wire crosses a border but through a port. */
function sound(doc: FlowDoc) {
  const w = new Work(doc);
  for (const [slug, c] of Object.entries(doc.connections ?? {})) {
    expect(doc.nodes[c.from], slug).toBeDefined();
    expect(doc.nodes[c.to], slug).toBeDefined();
    expect(sourceLevel(w, c.from), `${slug} of ${JSON.stringify(doc.connections)}`).toBe(targetLevel(w, c.to));
  }
  for (const n of Object.values(doc.nodes)) if (n.group !== undefined) expect(doc.groups?.[n.group]).toBeDefined();
}

/** reach lists what reaches what, ports seen through. */
function reach(doc: FlowDoc): string[] {
  let flat = doc;
  for (let g = Object.keys(flat.groups ?? {}); g.length > 0; g = Object.keys(flat.groups ?? {})) flat = done(flat, ungroup(flat, `group:${g[0]}`, kinds));
  return wiring(flat);
}

test("a group wires what crosses its border through ports, and dissolved leaves the file as it was", () => {
  const step = makeGroup(sample(), ["clean", "join"], kinds, "Join up");
  const doc = done(sample(), step);
  sound(doc);
  expect(step.select).toEqual(["group:join-up"]);
  expect(doc.connections?.["events-clean"]).toMatchObject({ from: "events", limit: { flowfiles: 5 } });
  const top = scene(doc, "", kinds);
  const card = top.byId.get("group:join-up");
  expect(card?.inputs).toHaveLength(2);
  expect(card?.outputs).toHaveLength(1);
  expect(top.wires.map((w) => `${w.from} > ${w.to}`).toSorted()).toEqual(["events > group:join-up", "group:join-up > csv", "users > group:join-up"]);
  const within = scene(doc, "join-up", kinds);
  expect(within.cards.filter((c) => c.type === "port")).toHaveLength(3);
  expect(within.wires).toHaveLength(4);
  expect(done(doc, ungroup(doc, "group:join-up", kinds))).toEqual(sample());
});

test("several outputs, several targets and groups in groups come back as they were", () => {
  let doc = sample();
  doc = done(doc, connect(doc, { from: "users", output: "failure", to: "join", input: "right" }, kinds));
  doc = done(doc, connect(doc, { from: "users", output: "success", to: "csv", input: "" }, kinds));
  const before = doc;
  doc = done(doc, makeGroup(doc, ["users"], kinds));
  sound(doc);
  doc = done(doc, makeGroup(doc, ["group:group", "join"], kinds, "outer"));
  sound(doc);
  expect(doc.groups?.["group"]?.parent).toBe("outer");
  doc = done(doc, ungroup(doc, "group:outer", kinds));
  sound(doc);
  doc = done(doc, ungroup(doc, "group:group", kinds));
  expect(wiring(doc)).toEqual(wiring(before));
  expect(doc.nodes).toEqual(before.nodes);
});

test("cards moved in and out of groups take their wires along", () => {
  const roll = dice(5);
  let doc = done(sample(), makeGroup(sample(), ["clean"], kinds, "a"));
  doc = done(doc, makeGroup(doc, ["csv"], kinds, "b"));
  doc = done(doc, makeGroup(doc, ["group:b"], kinds, "c"));
  const names = ["users", "events", "clean", "join", "csv"];
  for (let i = 0; i < 200; i++) {
    const ids = [names[Math.floor(roll() * names.length)] as string];
    const to = ["", "a", "b", "c"][Math.floor(roll() * 4)] as string;
    doc = done(doc, moveTo(doc, ids, to, kinds));
    sound(doc);
    expect(reach(doc)).toEqual(wiring(sample()));
  }
  for (const n of names) doc = done(doc, moveTo(doc, [n], "", kinds));
  expect(wiring(doc)).toEqual(wiring(sample()));
  expect(Object.values(doc.nodes).filter((n) => n.kind.endsWith("Port"))).toEqual([]);
});

test("a group cannot go into itself, and goes with all that is in it", () => {
  let doc = done(sample(), makeGroup(sample(), ["clean"], kinds, "a"));
  doc = done(doc, makeGroup(doc, ["group:a"], kinds, "b"));
  expect(canMoveTo(doc, ["group:b"], "a")).toBe(false);
  expect(canMoveTo(doc, ["group:a"], "")).toBe(true);
  const gone = done(doc, remove(doc, ["group:b"]));
  expect(gone.groups).toBeUndefined();
  expect(Object.keys(gone.nodes)).toEqual(["users", "events", "join", "csv"]);
  expect(Object.keys(gone.layout ?? {}).toSorted()).toEqual(["csv", "events", "join", "users"]);
  sound(gone);
});

test("a wire drawn from one group into another passes ports of both; onto a group it opens one", () => {
  let doc = done(sample(), makeGroup(sample(), ["clean"], kinds, "a"));
  doc = done(doc, makeGroup(doc, ["csv"], kinds, "b"));
  doc = done(doc, connect(doc, { from: "clean", output: "failure", to: "csv", input: "" }, kinds));
  sound(doc);
  expect(reach(doc)).toContain("clean.failure > csv.");
  const port = scene(doc, "", kinds).byId.get("group:a")?.outputs.at(-1)?.name as string;
  doc = done(doc, connect(doc, { from: "group:a", output: port, to: "join", input: "right" }, kinds));
  sound(doc);
  const n = scene(doc, "", kinds).byId.get("group:b")?.inputs.length ?? 0;
  doc = done(doc, connect(doc, { from: "events", output: "failure", to: "group:b", input: "" }, kinds));
  expect(scene(doc, "", kinds).byId.get("group:b")?.inputs).toHaveLength(n + 1);
});
