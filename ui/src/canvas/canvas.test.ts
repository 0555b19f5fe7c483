import { beforeAll, expect, test } from "vitest";
import type { FlowDoc, NodeRow, WireRow } from "../api/wire";
import { scene } from "../editor/model/scene";
import { kinds } from "../editor/testing/flow";
import { speak } from "../words";
import { shown } from "./CanvasMenu";
import { edgesOf, nodesOf } from "./faces";
import { faultsOf } from "./faults";
import { cardName, shownState } from "./names";
import { cut } from "./sketch";
import { follow, nearest, typed } from "./steer";
import { membersOf, totalsOf } from "./totals";
import { pillParts, pillTexts } from "./pillTexts";
import { chainOf } from "./useChain";
import { mergeSelection } from "./useFaces";
import { byCount, soon } from "./WireTip";

beforeAll(() => speak("en"));

const kind = [...kinds.values()].find((k) => (k.inputs?.length ?? 0) > 0 && (k.outputs?.length ?? 0) > 0)?.kind ?? "";
const doc: FlowDoc = {
  weir: 1, id: "f", mode: "continuous",
  nodes: { a: { kind, name: "주문 읽기" }, b: { kind }, c: { kind, name: "Clean" }, in1: { kind: "InputPort", group: "g" }, x: { kind, group: "g" }, y: { kind, group: "h" } },
  groups: { g: { name: "Inner" }, h: { parent: "g" } },
  connections: { ab: { from: "a", output: "success", to: "b" }, ac: { from: "a", output: "success", to: "c" }, bg: { from: "b", output: "success", to: "in1" }, ix: { from: "in1", output: "success", to: "x" } },
  layout: { a: [0, 0], b: [320, 0], c: [320, 160], "group:g": [640, 0], in1: [0, 0], x: [320, 0], y: [0, 0] },
};
const top = scene(doc, "", kinds);
const node = (state: NodeRow[1], more: Partial<Record<number, number>> = {}): NodeRow => Object.assign([0, state, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0] as NodeRow, more);
const wire = (count: number, percent: number, inRate = 0, outRate = 0, blocks: 0 | 1 = 0): WireRow => [0, count, 0, 0, percent, inRate, outRate, blocks, 0, 0, 0];

test("faces of what did not change stay the same objects; ends are where the ports are", () => {
  const first = nodesOf(top, new Set(), new Map());
  const before = new Map(first.map((n) => [n.id, n]));
  const moved = scene({ ...doc, layout: { ...doc.layout, b: [328, 0] } }, "", kinds);
  const second = nodesOf(moved, new Set(["c"]), before);
  const by = (id: string) => second.find((n) => n.id === id);
  expect(by("a")).toBe(before.get("a"));
  expect(by("b")).not.toBe(before.get("b"));
  expect(by("c")?.selected).toBe(true);
  for (const n of second) for (const h of n.handles ?? []) expect(h.x + 8).toBe(h.type === "source" ? n.width : 0);
  const edges = edgesOf(top, new Set(), new Map());
  expect(edgesOf(moved, new Set(), new Map(edges.map((e) => [e.id, e])))[0]).toBe(edges[0]);
});

test("arrows go to the nearest card on that side, Tab follows the wires, letters find names", () => {
  expect(nearest(top, "a", "right")?.id).toBe("b");
  expect(nearest(top, "b", "down")?.id).toBe("c");
  expect(nearest(top, "a", "left")).toBeUndefined();
  expect(follow(top, "a", false)?.id).toBe("b");
  expect(follow(top, "b", false)?.id).toBe("group:g");
  expect(follow(top, "b", true)?.id).toBe("a");
  expect(follow(top, "a", true)).toBeUndefined();
  expect(typed(top, "주문", "b")?.id).toBe("a");
  expect(typed(top, "cle", "a")?.id).toBe("c");
  expect(typed(top, "주문", "a")).toBeUndefined();
});

test("names tell state and fullness in words", () => {
  const a = top.byId.get("a");
  if (a === undefined) throw new Error("no card");
  expect(cardName(a, 1, 92)).toMatch(new RegExp(`^주문 읽기, ${kind}, running.*queue 92 % full$`));
  speak("ko");
  expect(cardName(a, 14)).toContain("실패");
  speak("en");
  expect(shownState(undefined, 2)).toBe(2);
  expect(shownState(node(1), 2)).toBe(1);
});

test("a group's totals count what is in it at any depth", () => {
  const members = membersOf(doc, "g");
  expect(members.nodes.toSorted()).toEqual(["in1", "x", "y"]);
  expect(members.wires).toEqual(["ix"]);
  const live = { nodes: new Map([["in1", node(1, { 2: 7 })], ["x", node(6)], ["a", node(1)]]), wires: new Map([["ix", wire(5, 1)], ["ab", wire(9, 1)]]) };
  expect(totalsOf(doc, [], "g", members, live)).toMatchObject({ nodes: 3, running: 1, failing: 1, in: 7, count: 5 });
});

test("the lens keeps what back pressure runs through, and the groups round it", () => {
  const chain = chainOf(doc, { nodes: new Map(), wires: new Map([["ab", wire(3, 20)], ["bg", wire(10, 100, 0, 0, 1)]]) });
  expect([...chain].toSorted()).toEqual(["b", "group:g", "in1", "wire:bg"]);
});

test("a wire says what fills it and when it is full or empty", () => {
  expect(byCount(wire(9200, 92), 10_000)).toBe(true);
  expect(byCount(wire(10, 92), 10_000)).toBe(false);
  expect(soon(wire(5000, 50, 100, 0))).toBe("full in 50 s");
  expect(soon(wire(100, 1, 0, 10))).toBe("empty in 10 s");
  expect(soon(wire(100, 1, 5, 5))).toBe("steady");
});

test("a pill says what passed in the run, then what is queued, shorter where there is less room", () => {
  const inRun = (count: number, size: number, passed: [number, number, number]): WireRow => [0, count, size, 0, 0, 0, 0, 0, ...passed];
  expect(pillTexts(undefined)).toEqual([]);
  expect(pillTexts(wire(0, 0))).toEqual([]);
  expect(pillTexts(inRun(1200, 3000, [0, 0, 0]))).toEqual(["1.2k · 3.0 kB", "1.2k"]);
  expect(pillTexts(inRun(0, 0, [24, 1204, 3_000_000]))).toEqual(["1,204 · 3.0 MB", "1,204", "1.2k"]);
  // Where the rows of some are not known, FlowFiles are counted.
  expect(pillTexts(inRun(0, 0, [24, -1, 3_000_000]))[0]).toBe("24 · 3.0 MB");
  expect(pillTexts(inRun(0, 0, [1, 1_234_567, 9]))[0]).toBe("1.2M · 9 B");
  const both = pillTexts(inRun(12, 40_000, [24, 1204, 3_000_000]));
  expect(both).toEqual(["1,204 · 3.0 MB | 12 · 40 kB", "1,204 | 12", "1.2k | 12"]);
  expect(pillParts(both[0] ?? "", true)).toEqual({ passed: "1,204 · 3.0 MB", queued: " | 12 · 40 kB" });
  expect(pillParts("24 · 3.0 MB", true)).toEqual({ passed: "24 · 3.0 MB", queued: "" });
  expect(pillParts("24 · 3.0 MB", false)).toEqual({ passed: "", queued: "24 · 3.0 MB" });
});

test("problems are found by their node, the worst first", () => {
  const problems = [{ code: "w", path: "nodes.a.every", level: "warning" as const }, { code: "e", path: "nodes.a.settings.path" }, { code: "x", path: "connections.ab" }];
  expect(faultsOf(problems, "a")).toMatchObject({ count: 2, errors: 1, first: { code: "e" } });
  expect(faultsOf(problems, "wire:ab")?.count).toBe(1);
  expect(faultsOf(problems, "b")).toBeUndefined();
});

test("selection takes changes as they come, menus have no idle lines, names are cut to fit", () => {
  expect([...mergeSelection(new Set(["a", "b"]), [{ type: "select", id: "a", selected: false }, { type: "select", id: "c", selected: true }, { type: "position", id: "b" }])]).toEqual(["b", "c"]);
  expect(shown(["a", "|", "b", "|", "c"], (id) => id !== "b")).toEqual(["a", "|", "c"]);
  expect(shown(["a", "|", "b"], (id) => id === "a")).toEqual(["a"]);
  expect(cut("One row per user and day", 60)).toMatch(/^One.*…$/);
  expect(cut("short", 60)).toBe("short");
});
