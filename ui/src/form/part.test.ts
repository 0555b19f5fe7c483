import { expect, test } from "vitest";
import { Failure } from "../api/client";
import { notesOf, part } from "./part";

test("a part holds the node and what it refers to, and nothing that could be wrong elsewhere", () => {
  const doc = { weir: 1 as const, id: "f", mode: "runs" as const, services: { a: { kind: "A" }, broken: { kind: "A" } }, parameters: { p: { type: "string" as const } }, nodes: { n: { kind: "N", after: ["m"], settings: { service: "a" } }, m: { kind: "M" } }, connections: { w: { from: "m", output: "x", to: "n" } } };
  expect(part(doc, "n")).toEqual({ weir: 1, id: "f", mode: "runs", services: { a: { kind: "A" } }, parameters: { p: { type: "string" } }, nodes: { n: { kind: "N", settings: { service: "a" } } } });
});

test("a failure of many problems says each of them", () => {
  expect(notesOf(new Failure(422, { code: "problems", problems: [{ code: "a", path: "x" }, { code: "b", path: "y" }] })).map((n) => n.code)).toEqual(["a", "b"]);
  expect(notesOf(new Failure(404, { code: "gone" })).map((n) => n.code)).toEqual(["gone"]);
});
