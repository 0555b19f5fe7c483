import { expect, test } from "vitest";
import { choose } from "../ds/ComboInput";
import { complete } from "./complete";
import { firings, instantOf } from "./firings";
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

const next = (s: Parameters<typeof firings>[0], now: string, n = 2) => firings(s, new Date(now), n).map((d) => d.toISOString());

test("firings are those of the zone's clocks, over the change of them too", () => {
  expect(next({ every: "day", at: "06:00", zone: "Asia/Seoul" }, "2026-11-22T20:59:00Z")).toEqual(["2026-11-22T21:00:00.000Z", "2026-11-23T21:00:00.000Z"]);
  expect(next({ every: "day", at: "06:00", zone: "Europe/Berlin" }, "2026-03-28T06:00:00Z")).toEqual(["2026-03-29T04:00:00.000Z", "2026-03-30T04:00:00.000Z"]);
  expect(next({ every: "hour", at: "15", zone: "UTC" }, "2026-01-01T23:20:00Z")).toEqual(["2026-01-02T00:15:00.000Z", "2026-01-02T01:15:00.000Z"]);
  expect(next({ every: "week", zone: "UTC" }, "2026-11-22T00:00:00Z")).toEqual(["2026-11-23T00:00:00.000Z", "2026-11-30T00:00:00.000Z"]);
  expect(next({ every: "month", at: "01:00", zone: "UTC" }, "2026-12-05T00:00:00Z")).toEqual(["2027-01-01T01:00:00.000Z", "2027-02-01T01:00:00.000Z"]);
  expect(next({ every: "day", cron: "0 6 * * *", zone: "UTC" }, "2026-11-22T00:00:00Z")).toEqual([]);
  expect(next({ every: "day", zone: "No/Where" }, "2026-11-22T00:00:00Z")).toEqual([]);
  expect(instantOf({ year: 2026, month: 1, day: 32, hour: 0, minute: 0 }, "UTC").toISOString()).toBe("2026-02-01T00:00:00.000Z");
});
