import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FlowDoc } from "../api/wire";
import type { Context } from "../editor/commands/command";
import { EditorContext } from "../editor/context";
import { openEditor } from "../editor/store";
import { kinds, sample, wiring } from "../editor/testing/flow";
import { TestServer } from "../editor/testing/server";
import { connectLive } from "../live/socket";
import { speak } from "../words";
import { Outline } from "./Outline";
import { rows } from "./tree";

class DeadWire {
  readyState = 0;
  onopen = null;
  onmessage = null;
  onclose = null;
  send() {}
  close() {}
}

beforeEach(() => {
  speak("en");
  connectLive(DeadWire, "ws://x");
});
afterEach(cleanup);

function show(doc: FlowDoc): Context {
  const server = new TestServer(doc);
  const editor = openEditor(server.draft(), server.save("ann"), "ann");
  const place = { group: "", run: "", open: "", tab: "", drawer: "", wire: "", item: "" };
  const ctx: Context = { editor, kinds, place, go: vi.fn(), deeds: { stateOf: (n) => (n === "csv" ? 1 : undefined) } };
  render(<EditorContext value={editor}><Outline ctx={ctx} /></EditorContext>);
  return ctx;
}

const doc = (ctx: Context) => ctx.editor.store.getState().doc;

test("a flow is built from nothing by keys alone: add, add after, connect, rename, delete", async () => {
  const user = userEvent.setup();
  const ctx = show({ weir: 1, id: "f", mode: "runs", nodes: {} });
  const tree = screen.getByRole("tree");
  tree.focus();
  await user.keyboard("aRead{Enter}");
  await user.keyboard("aClean{Enter}");
  await user.keyboard("aWriteC{Enter}");
  expect(Object.keys(doc(ctx).nodes)).toEqual(["read", "clean", "write-csv"]);
  expect(wiring(doc(ctx))).toEqual(["clean.success > write-csv.", "read.success > clean."]);
  await user.keyboard("{Home}");
  await user.keyboard("cwrite{ArrowDown}{Enter}");
  expect(wiring(doc(ctx))).toContain("read.failure > write-csv.");
  expect(within(tree).getByRole("treeitem", { name: /failure → write-csv, wire/ })).toBeTruthy();
  await user.keyboard("{Home}{F2}");
  await user.clear(screen.getByRole("textbox"));
  await user.keyboard("사용자 읽기{Enter}");
  expect(doc(ctx).nodes["read"]?.name).toBe("사용자 읽기");
  expect(within(tree).getByRole("treeitem", { name: /^사용자 읽기, Read/ })).toBeTruthy();
  await user.keyboard("{End}{Delete}");
  expect(doc(ctx).nodes["write-csv"]).toBeUndefined();
  expect(document.activeElement).toBe(tree);
});

test("Escape gives a new name up, and Enter keeps it as one step", async () => {
  const user = userEvent.setup();
  const ctx = show(sample());
  const before = doc(ctx);
  screen.getByRole("tree").focus();
  await user.keyboard("{Home}{F2}");
  await user.type(screen.getByRole("textbox"), "anders{Escape}");
  expect(doc(ctx)).toEqual(before);
  expect(ctx.editor.store.getState().undos).toEqual([]);
  await user.keyboard("{F2}");
  await user.type(screen.getByRole("textbox"), "x{Enter}");
  expect(ctx.editor.store.getState().undos).toHaveLength(1);
});

test("letters count by their place while Hangul is on, and the end of a syllable chooses nothing", () => {
  const ctx = show(sample());
  const tree = screen.getByRole("tree");
  fireEvent.keyDown(tree, { key: "ㅁ", code: "KeyA" });
  const field = screen.getByRole("combobox");
  fireEvent.change(field, { target: { value: "Clean" } });
  fireEvent.keyDown(field, { key: "Enter", keyCode: 229 });
  expect(Object.keys(doc(ctx).nodes)).toEqual(Object.keys(sample().nodes));
  fireEvent.keyDown(field, { key: "Enter", keyCode: 13 });
  expect(Object.keys(doc(ctx).nodes)).toHaveLength(Object.keys(sample().nodes).length + 1);
});

test("rows tell their level, kind and state, unfold to wires, and open what they stand for", async () => {
  const user = userEvent.setup();
  const ctx = show({ ...sample(), groups: { g: { name: "모임" } }, nodes: { ...sample().nodes, inner: { kind: "Clean", group: "g" } } });
  const tree = screen.getByRole("tree");
  const item = (name: RegExp) => within(tree).getByRole("treeitem", { name });
  expect(item(/^csv, WriteCSV, running/).getAttribute("aria-level")).toBe("1");
  expect(item(/^inner/).getAttribute("aria-level")).toBe("2");
  expect(item(/^모임, group/).getAttribute("aria-expanded")).toBe("true");
  tree.focus();
  await user.keyboard("{End}{ArrowUp}{ArrowRight}{ArrowRight}");
  const active = document.getElementById(tree.getAttribute("aria-activedescendant") ?? "");
  expect(active?.getAttribute("aria-label")).toContain("wire");
  await user.keyboard("{ArrowLeft}{Enter}");
  expect(ctx.go).toHaveBeenCalledWith(expect.objectContaining({ open: "join" }));
});

test("thousands of rows draw only those in view", () => {
  const many: FlowDoc = { weir: 1, id: "f", mode: "runs", nodes: Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`n${i}`, { kind: "Read" }])) };
  expect(rows(many, new Set())).toHaveLength(2000);
  show(many);
  expect(screen.getAllByRole("treeitem").length).toBeLessThan(100);
});

test("the row of a wire tells what lies on it, as it changes", async () => {
  const user = userEvent.setup();
  const ctx = show(sample());
  const [wire, c] = Object.entries(doc(ctx).connections ?? {})[0] ?? ["", undefined];
  const from = screen.getByRole("treeitem", { name: new RegExp(`^${doc(ctx).nodes[c?.from ?? ""]?.name ?? c?.from}, `) });
  await user.click(from);
  await user.keyboard("{ArrowRight}");
  const live = connectLive().of(doc(ctx).id);
  const second = (n: number, full: number) => act(() => {
    live.wires.set(wire, [0, n, n * 512, n, full, 0, 0, 0, 0, 0, 0]);
    live.tell([`wire:${wire}`]);
  });
  second(1, 10);
  expect(screen.getByRole("treeitem", { name: /, wire, 1 FlowFile · 512 B$/ }).textContent).toContain("1 · 512 B");
  second(2000, 100);
  const full = screen.getByRole("treeitem", { name: /, wire, 2,000 FlowFiles · 1\.0 MB$/ });
  expect(full.querySelector("[data-full=red]")?.textContent).toBe("2.0k · 1.0 MB");
  second(0, 0);
  expect(screen.getByRole("treeitem", { name: /, wire, 0 FlowFiles/ })).toBeTruthy();
  live.clear();
});
