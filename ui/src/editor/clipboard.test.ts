import { expect, test } from "vitest";
import type { FlowDoc } from "../api/wire";
import { clip, copyText, duplicate, paste, readText } from "./clipboard";
import { makeGroup } from "./model/groups";
import { apply } from "./ops";
import { kinds, sample, wiring } from "./testing/flow";

const empty = (): FlowDoc => ({ weir: 1, id: "other", mode: "runs", nodes: {} });

test("what is copied is pasted elsewhere with wires, services and parameters", () => {
  const text = copyText(sample(), ["join", "csv", "clean", "label:note"], kinds) as string;
  expect(text).not.toContain("events");
  const read = readText(text);
  if (read.type !== "clip") throw new Error(read.type);
  const step = paste(empty(), read.clip, "", { centre: [0, 0] }, kinds);
  const doc = apply(empty(), step.ops).doc;
  expect(wiring(doc)).toEqual(["clean.success > join.left", "join.success > csv."]);
  expect(doc.services).toEqual(sample().services);
  expect(doc.parameters).toEqual(sample().parameters);
  expect(doc.nodes["join"]).toEqual({ kind: "Join" });
  expect(step.select?.toSorted()).toEqual(["clean", "csv", "join", "label:note"]);
  expect((doc.layout?.["csv"]?.[0] ?? 0) - (doc.layout?.["join"]?.[0] ?? 0)).toBe(320);
});

test("pasted into its own flow all slugs are new, and what the flow has of services stays", () => {
  const c = clip(sample(), ["join", "csv"], kinds);
  if (c === undefined) throw new Error("nothing copied");
  (c.services as { cloud: { kind: string } }).cloud.kind = "Other";
  const doc = apply(sample(), paste(sample(), c, "", { by: [8, 8] }, kinds).ops).doc;
  expect(Object.keys(doc.nodes)).toEqual([...Object.keys(sample().nodes), "join-2", "csv-2"]);
  expect(doc.connections?.["join-2-csv-2"]).toEqual({ from: "join-2", output: "success", to: "csv-2" });
  expect(doc.nodes["join-2"]?.after).toEqual(["users"]);
  expect(doc.services).toEqual(sample().services);
});

test("a group is copied with all that is in it, ports too", () => {
  const grouped = apply(sample(), makeGroup(sample(), ["clean", "join"], kinds).ops).doc;
  const step = duplicate(grouped, ["group:group"], kinds);
  expect(step.select).toEqual(["group:group-2"]);
  const doc = apply(grouped, step.ops).doc;
  const within = Object.values(doc.nodes).filter((n) => n.group === "group-2");
  expect(within.map((n) => n.kind).toSorted()).toEqual(["Clean", "InputPort", "InputPort", "Join", "OutputPort"]);
  expect(Object.values(doc.connections ?? {}).filter((c) => doc.nodes[c.from]?.group === "group-2")).toHaveLength(4);
  expect(doc.layout?.["group:group-2"]).toEqual([(doc.layout?.["group:group"]?.[0] ?? 0) + 32, (doc.layout?.["group:group"]?.[1] ?? 0) + 32]);
});

test("a flow file is told from cards, and other text is nothing of ours", () => {
  expect(readText(JSON.stringify(sample())).type).toBe("flow");
  for (const text of ["", "hello", "[1]", "null", "{}", '{"weir-clip":1}', '{"weir-clip":1,"nodes":{"a":1}}', '{"weir-clip":1,"nodes":{"a":{}}}']) expect(readText(text).type, text).toBe("none");
});

test("slugs from strange clips are made good", () => {
  const read = readText('{"weir-clip":1,"nodes":{"BAD slug":{"kind":"Read"},"__proto__x":{"kind":"Clean"}},"connections":{"x":{"from":"BAD slug","output":"success","to":"__proto__x"},"y":{"from":"gone","output":"a","to":"b"}}}');
  if (read.type !== "clip") throw new Error(read.type);
  const doc = apply(empty(), paste(empty(), read.clip, "", { centre: [0, 0] }, kinds).ops).doc;
  expect(Object.keys(doc.nodes)).toEqual(["node", "node-2"]);
  expect(wiring(doc)).toEqual(["node.success > node-2."]);
});

test("a clip that is not sound is refused, and what is wrong is named", () => {
  const clip = (more: object) => JSON.stringify({ "weir-clip": 1, nodes: { a: { kind: "Read" } }, ...more });
  const wrong: [string, string][] = [
    [clip({ nodes: { a: {} } }), "nodes.a.kind"], [clip({ nodes: { a: { kind: "Read", after: "b" } } }), "nodes.a.after"],
    [clip({ nodes: { a: { kind: "Read", settings: 3 } } }), "nodes.a.settings"], [clip({ connections: { w: { from: "a" } } }), "connections.w.to"],
    [clip({ labels: { l: { text: "x", at: [0], size: [1, 2] } } }), "labels.l.at"], [clip({ layout: { a: ["0", 1] } }), "layout.a"],
    [clip({ groups: { g: { parent: 1 } } }), "groups.g.parent"], [JSON.stringify({ "weir-clip": 2, nodes: {} }), "weir-clip"],
  ];
  for (const [text, at] of wrong) expect(readText(text)).toEqual({ type: "none", wrong: at });
  expect(readText("hello")).toEqual({ type: "none" });
  expect(readText(clip({ layout: { a: [0, 1] } })).type).toBe("clip");
});
