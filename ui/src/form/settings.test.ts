import { expect, test } from "vitest";
import { choose } from "../ds/ComboInput";
import { complete } from "./complete";
import { renameOutput } from "./outputs";
import { applies, idled, placeOf, problemsAt } from "./settings";

const known = { attributes: [{ value: "filename" }, { value: "run.date" }], parameters: [{ value: "day" }] };
const offered = (text: string, expressions = true) => complete(text, text.length, known, expressions)?.offers.map((o) => o.label ?? o.value);

test("completion knows where it stands", () => {
  expect(offered("a/${fi")).toEqual(["filename"]);
  expect(offered("#{")).toEqual(["day"]);
  expect(offered("${filename:toUp")).toEqual(["toUpper"]);
  expect(offered("${filename}")).toBeUndefined();
  expect(offered("plain")).toBeUndefined();
  expect(offered("${fi", false)).toBeUndefined();
  const c = complete("${fi}", 4, known, true);
  expect(c === undefined ? undefined : choose("${fi}", c, { value: "filename" })).toEqual({ text: "${filename}", caret: 10 });
});

test("a dependency looks at defaults, at emptiness, and lets parameters be", () => {
  const p = (key: string, more = {}) => ({ key, label: key, type: "string", doc: "", ...more });
  const list = [p("format", { default: "raw" }), p("any")];
  const on = (settings: Record<string, unknown>, depends_on: { key: string; values?: string[] }[]) => applies(p("x", { depends_on }), list, settings);
  expect(on({}, [{ key: "format", values: ["raw"] }])).toBe(true);
  expect(on({ format: "csv" }, [{ key: "format", values: ["raw"] }])).toBe(false);
  expect(on({}, [{ key: "any" }])).toBe(false);
  expect(on({ any: "a" }, [{ key: "any" }])).toBe(true);
  expect(on({ format: "#{f}" }, [{ key: "format", values: ["raw"] }])).toBe(true);
});

test("a choice takes along what means nothing beside it, and what hangs on that; typing takes nothing", () => {
  const p = (key: string, more = {}) => ({ key, label: key, type: "string", doc: "", ...more });
  const content = p("content", { type: "choice", default: "text" });
  const list = [content, p("text", { depends_on: [{ key: "content", values: ["text"] }] }), p("charset", { depends_on: [{ key: "text" }] }), p("rows", { depends_on: [{ key: "content", values: ["records"] }] })];
  expect(idled(list, { text: "hi", charset: "utf-8" }, content, "records")).toEqual(["text", "charset"]);
  expect(idled(list, { content: "records", rows: 3, text: "stray" }, content, undefined)).toEqual(["rows"]);
  expect(idled(list, { text: "hi", charset: "utf-8" }, content, "#{kind}")).toEqual([]);
  expect(idled(list, { text: "hi", charset: "utf-8" }, list[1]!, undefined)).toEqual([]);
});

test("problems are found at their place, with what lies within, and not at neighbours", () => {
  const at = (path: string) => ({ code: "c", path });
  const all = [at("nodes.a.settings.keys"), at("nodes.a.settings.keys[0]"), at("nodes.a.settings.keys2"), at('nodes.a.inputs."".on_empty')];
  expect(problemsAt(all, placeOf(["nodes", "a", "settings", "keys"]))).toHaveLength(2);
  expect(problemsAt(all, placeOf(["nodes", "a", "inputs", "", "on_empty"]))).toHaveLength(1);
});

test("an output that is renamed keeps wires and ends; two changes at once keep nothing", () => {
  const doc = { weir: 1 as const, id: "f", mode: "runs" as const, nodes: { n: { kind: "K", terminate: ["a"] } }, connections: { w: { from: "n", output: ["a", "z"], to: "m" }, v: { from: "m", output: "a", to: "n" } } };
  expect(renameOutput(doc, "n", { a: "1" }, { b: "1" })).toEqual([{ path: ["connections", "w", "output"], value: ["b", "z"] }, { path: ["nodes", "n", "terminate"], value: ["b"] }]);
  expect(renameOutput(doc, "n", { a: "1", c: "" }, { b: "1", d: "" })).toEqual([]);
  expect(renameOutput(doc, "n", { a: "1" }, { a: "1", b: "" })).toEqual([]);
});
