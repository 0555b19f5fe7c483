import { expect, test } from "vitest";
import type { FlowDoc } from "../api/wire";
import { apply } from "../editor/ops";
import { readDefault } from "./defaults";
import { renameParameter, renameService, usesOfParameter, usesOfSecret, usesOfService } from "./usage";

const doc: FlowDoc = {
  weir: 1, id: "f", mode: "runs", notify: { webhook: { secret: "chat" } },
  parameters: { day: { type: "string" }, days: { type: "int", default: 3 } },
  services: { gcp: { kind: "Cloud", settings: { project: "#{day}", key: { secret: "gcp-key" } } } },
  nodes: {
    a: { kind: "Read", name: "Read it", settings: { service: "gcp", path: "x/#{day}/##{day}/${run.params.day:trim()}", list: ["#{days}", "#{day}"] } },
    b: { kind: "Read", settings: { path: "gcp" } },
  },
};
const kinds = new Map([["Read", { kind: "Read", doc: "", properties: [{ key: "service", label: "", type: "service", doc: "" }, { key: "path", label: "", type: "string", doc: "" }] }]]);
const names = (uses: { name: string }[]) => uses.map((u) => u.name);

test("uses are told once a place, and a name within another is none", () => {
  expect(names(usesOfParameter(doc, "day"))).toEqual(["Read it", "gcp"]);
  expect(names(usesOfParameter(doc, "days"))).toEqual(["Read it"]);
  expect(names(usesOfParameter(doc, "da"))).toEqual([]);
  expect(names(usesOfService(doc, "gcp", kinds))).toEqual(["Read it"]);
  expect(names(usesOfSecret(doc, "gcp-key"))).toEqual(["gcp"]);
  expect(usesOfSecret(doc, "chat")[0]?.open).toBe("flow");
});

test("a renamed parameter is renamed wherever it stands, and undone in one step", () => {
  const done = apply(doc, renameParameter(doc, "day", "date"));
  expect(done.doc.nodes["a"]?.settings).toEqual({ service: "gcp", path: "x/#{date}/##{day}/${run.params.date:trim()}", list: ["#{days}", "#{date}"] });
  expect(done.doc.services?.["gcp"]?.settings?.["project"]).toBe("#{date}");
  expect(Object.keys(done.doc.parameters ?? {}).toSorted()).toEqual(["date", "days"]);
  expect(apply(done.doc, done.inverse).doc).toEqual(doc);
});

test("a renamed service is renamed in the nodes that name it, and nowhere else", () => {
  const done = apply(doc, renameService(doc, "gcp", "cloud", kinds)).doc;
  expect(done.nodes["a"]?.settings?.["service"]).toBe("cloud");
  expect(done.nodes["b"]?.settings?.["path"]).toBe("gcp");
  expect(Object.keys(done.services ?? {})).toEqual(["cloud"]);
});

test("defaults are read by their type, and what is none is kept as typed", () => {
  expect([readDefault("int", "４2"), readDefault("int", "x"), readDefault("bool", "true"), readDefault("string", " 1 "), readDefault("float", "1e3"), readDefault("date", "2026-01-02"), readDefault("int", "")])
    .toEqual([42, "x", true, " 1 ", 1000, "2026-01-02", undefined]);
});

test("what is not there any more is not renamed, and what has its new name stays", () => {
  const done = apply(doc, renameParameter(doc, "day", "date")).doc;
  expect(renameParameter(done, "day", "date")).toEqual([]);
  const cloud = apply(doc, renameService(doc, "gcp", "cloud", kinds)).doc;
  expect(renameService(cloud, "gcp", "cloud", kinds)).toEqual([]);
});
