import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Context, Deeds } from "../editor/commands/command";
import { openEditor } from "../editor/store";
import { kinds, sample } from "../editor/testing/flow";
import { TestServer } from "../editor/testing/server";
import { speak } from "../words";
import { commands } from "../editor/commands/all";
import { icons } from "./icons";
import { Tools } from "./Tools";

function context(deeds: Partial<Deeds> = {}): Context {
  const server = new TestServer(sample());
  const place = { group: "", run: "", open: "", tab: "", drawer: "", wire: "", item: "" };
  return { editor: openEditor(server.draft(), server.save("ann"), "ann"), kinds, place, go: vi.fn(), deeds };
}

beforeEach(() => {
  localStorage.clear();
  speak("en");
});
afterEach(cleanup);

const options = () => within(screen.getByRole("listbox")).queryAllByRole("option").map((o) => o.textContent);

test("Ctrl K searches nodes; Enter shows the first; what was used lately comes first", async () => {
  const user = userEvent.setup();
  const ctx = context();
  render(<Tools ctx={ctx} />);
  fireEvent.keyDown(document.body, { key: "k", code: "KeyK", ctrlKey: true });
  const field = screen.getByRole("combobox");
  await user.type(field, "kind:write");
  expect(options()).toHaveLength(1);
  await user.keyboard("{Enter}");
  expect(ctx.go).toHaveBeenCalledWith({ group: "", open: "csv" });
  expect([...ctx.editor.store.getState().selection]).toEqual(["csv"]);
  expect(screen.queryByRole("combobox")).toBeNull();

  fireEvent(window, new Event("weir:palette"));
  await user.type(screen.getByRole("combobox"), "duplicate");
  await user.keyboard("{Enter}");
  expect(ctx.editor.store.getState().doc.nodes["csv-2"]).toBeDefined();
  fireEvent(window, new Event("weir:palette"));
  expect(options()[0]).toContain("Duplicate");
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("combobox")).toBeNull();
});

test("arrows choose, and the field tells which; composing a syllable chooses nothing", async () => {
  const ctx = context();
  render(<Tools ctx={ctx} elsewhere={[{ id: "users", type: "flow", name: "Users nightly", detail: "", run: vi.fn() }]} />);
  fireEvent(window, new Event("weir:palette"));
  const field = screen.getByRole("combobox");
  fireEvent.change(field, { target: { value: "users" } });
  expect(options().some((o) => o?.includes("Users nightly"))).toBe(true);
  fireEvent.keyDown(field, { key: "ArrowDown" });
  expect(field.getAttribute("aria-activedescendant")).toBe("palette-1");
  fireEvent.keyDown(field, { key: "Enter", isComposing: true });
  fireEvent.keyDown(field, { key: "Enter", keyCode: 229 });
  expect(screen.queryByRole("combobox")).not.toBeNull();
});

test("keys do nothing where somebody types, and single letters only on the canvas", () => {
  const ctx = context();
  ctx.editor.select(["csv"]);
  render(<><input aria-label="text" /><button>b</button><Tools ctx={ctx} /></>);
  const nodes = () => Object.keys(ctx.editor.store.getState().doc.nodes).length;
  fireEvent.keyDown(screen.getByLabelText("text"), { key: "Delete", code: "Delete" });
  fireEvent.keyDown(screen.getByLabelText("text"), { key: "d", code: "KeyD", ctrlKey: true });
  fireEvent.keyDown(screen.getByRole("button"), { key: "Delete", code: "Delete" });
  fireEvent.keyDown(document.body, { key: "Delete", code: "Delete", isComposing: true });
  expect(nodes()).toBe(5);
  fireEvent.keyDown(document.body, { key: "Delete", code: "Delete" });
  expect(nodes()).toBe(4);
  fireEvent.keyDown(document.body, { key: "z", code: "KeyZ", ctrlKey: true });
  expect(nodes()).toBe(5);
});

test("the sheet of keys lists every key, in Korean too; every command has its icon", () => {
  speak("ko");
  render(<Tools ctx={context()} />);
  fireEvent.keyDown(document.body, { key: "?", code: "Slash", shiftKey: true });
  expect(screen.getByRole("dialog", { name: "단축키" })).toBeTruthy();
  expect(screen.getByText("배치 정리")).toBeTruthy();
  for (const c of commands) expect(icons[c.icon], c.icon).toBeDefined();
});

test("a run is found by its day and its state", () => {
  const run = vi.fn();
  render(<Tools ctx={context()} elsewhere={[{ id: "01J-a", type: "run", name: "Run of 2026-11-20", detail: "failed · 01J-a", run }]} />);
  fireEvent.keyDown(document.body, { key: "k", code: "KeyK", ctrlKey: true });
  fireEvent.change(screen.getByRole("combobox"), { target: { value: "11-20 failed" } });
  expect(options()[0]).toContain("Run of 2026-11-20");
  fireEvent.keyDown(screen.getByRole("combobox"), { key: "Enter" });
  expect(run).toHaveBeenCalledOnce();
});
