import { act, cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import type { KindInfo, Property } from "../api/kinds";
import type { FlowDoc, Problem } from "../api/wire";
import { speak } from "../words";
import { SettingsForm } from "./SettingsForm";
import { kindMap, trial } from "./testing/trial";

const property = (key: string, type: string, more: Partial<Property> = {}): Property => ({ key, label: key, type, doc: `What ${key} is.`, ...more });

const every: KindInfo = {
  kind: "Every", doc: "Has a property of each type.", outputs_from: "routes",
  properties: [
    property("name", "string", { default: "weir" }),
    property("count", "int", { default: "1", min: "0", max: "9" }),
    property("ratio", "float"),
    property("wait", "duration", { example: "5m" }),
    property("size", "bytes"),
    property("on", "bool", { default: "true" }),
    property("format", "choice", { default: "raw", choices: [{ value: "raw", doc: "Bytes." }, { value: "csv", doc: "Rows." }] }),
    property("delimiter", "rune", { default: ",", depends_on: [{ key: "format", values: ["csv"] }] }),
    property("keys", "list"),
    property("labels", "map"),
    property("routes", "expression_map"),
    property("path", "expression"),
    property("schema", "schema"),
    property("key", "secret"),
    property("service", "service", { service: "Cloud" }),
  ],
};
const cloud: KindInfo = { kind: "Cloud", doc: "An account.", service: true, properties: [property("project", "string")] };

const flow = (settings: Record<string, unknown> = {}): FlowDoc => ({
  weir: 1, id: "f", mode: "runs", parameters: { day: { type: "string", default: "today" } },
  nodes: { n: { kind: "Every", settings }, m: { kind: "Every" } }, connections: { w: { from: "n", output: "big", to: "m" } },
});

const typed = (doc: FlowDoc): Problem[] => {
  const v = doc.nodes["n"]?.settings?.["count"];
  return v === undefined || typeof v === "number" ? [] : [{ code: "setting_wrong_type", args: { property: "count", wanted: "int", value: String(v) }, path: "nodes.n.settings.count", level: "error" }];
};

/** open shows a form of the properties named, so that finding one by its role stays quick. */
const open = (keys: string[], settings?: Record<string, unknown>) => {
  const some = { ...every, properties: every.properties?.filter((p) => keys.includes(p.key)) };
  return trial(flow(settings), <SettingsForm owner={{ area: "nodes", slug: "n" }} kinds={kindMap(some, cloud)} />, typed);
};
const settingsOf = (t: ReturnType<typeof trial>) => t.doc().nodes["n"]?.settings;
const box = (name: string) => screen.getByRole("combobox", { name });

afterEach(() => {
  cleanup();
  speak("en");
});

test.each([
  ["name", "데이터", "데이터"], ["count", "7", 7], ["count", "７", 7], ["count", "many", "many"], ["ratio", "0.5", 0.5], ["ratio", "1e-3", 0.001],
  ["wait", " 5m ", "5m"], ["size", "1GB", "1GB"], ["path", "out/x.csv", "out/x.csv"],
])("%s takes %s", async (key, text, value) => {
  const t = open([key]);
  await userEvent.type(box(key), `${text}{Enter}`);
  expect(settingsOf(t)).toEqual({ [key]: value });
  expect(t.editor.store.getState().undos).toHaveLength(1);
});

test("nothing is handed over while one types, and once on leaving", async () => {
  const t = open(["name"]);
  await userEvent.type(box("name"), "abc");
  expect(settingsOf(t)).toEqual({});
  await userEvent.tab();
  expect(settingsOf(t)).toEqual({ name: "abc" });
  expect(t.editor.store.getState().undos).toHaveLength(1);
});

test("Enter that ends a composition commits nothing", () => {
  const t = open(["name"]);
  fireEvent.change(box("name"), { target: { value: "한" } });
  fireEvent.keyDown(box("name"), { key: "Enter", isComposing: true });
  fireEvent.keyDown(box("name"), { key: "Enter", keyCode: 229 });
  expect(settingsOf(t)).toEqual({});
  fireEvent.keyDown(box("name"), { key: "Enter" });
  expect(settingsOf(t)).toEqual({ name: "한" });
});

test("undo and redo restore a property, and the form shows it", async () => {
  const t = open(["name"], { name: "old" });
  await userEvent.clear(box("name"));
  await userEvent.type(box("name"), "new{Enter}");
  expect(settingsOf(t)).toEqual({ name: "new" });
  act(() => t.editor.undo());
  expect(box("name")).toHaveProperty("value", "old");
  act(() => t.editor.redo());
  expect(box("name")).toHaveProperty("value", "new");
});

test("an emptied field is the default again", async () => {
  const t = open(["name"], { name: "x" });
  await userEvent.clear(box("name"));
  await userEvent.tab();
  expect(settingsOf(t)).toBeUndefined();
  expect(box("name")).toHaveProperty("placeholder", "weir");
});

test("what is wrong is told at the field, in the page's language, and what was typed stays", async () => {
  const t = open(["count"]);
  await userEvent.type(box("count"), "many{Enter}");
  await act(() => t.editor.idle());
  const english = await screen.findByText("count takes int, not many.");
  expect(box("count")).toHaveProperty("value", "many");
  expect(box("count").getAttribute("aria-invalid")).toBe("true");
  expect(box("count").getAttribute("aria-describedby")).toContain(english.parentElement?.id);
  act(() => speak("ko"));
  await screen.findByText("count 속성에는 many 대신 int이(가) 필요합니다.");
});

test("a switch writes what differs from the default alone", async () => {
  const t = open(["on"]);
  const on = screen.getByRole("switch", { name: "on" });
  expect(on.getAttribute("aria-checked")).toBe("true");
  await userEvent.click(on);
  expect(settingsOf(t)).toEqual({ on: false });
  await userEvent.click(on);
  expect(settingsOf(t)).toBeUndefined();
});

test("a property shows when those it depends on allow, and goes with a choice that it means nothing to", async () => {
  const t = open(["format", "delimiter"]);
  expect(screen.queryByRole("combobox", { name: "delimiter" })).toBeNull();
  await userEvent.selectOptions(box("format"), "csv");
  await userEvent.type(box("delimiter"), ";{Enter}");
  expect(settingsOf(t)).toEqual({ format: "csv", delimiter: ";" });
  await userEvent.selectOptions(box("format"), "raw");
  expect(screen.queryByRole("combobox", { name: "delimiter" })).toBeNull();
  expect(settingsOf(t)).not.toHaveProperty("delimiter");
  act(() => t.editor.undo());
  expect(settingsOf(t)).toEqual({ format: "csv", delimiter: ";" });
});

test("a property that means nothing beside the others is shown where a file has it", () => {
  open(["format", "delimiter"], { format: "raw", delimiter: ";" });
  expect(box("delimiter")).toHaveProperty("value", ";");
  screen.getByText(/does not apply/);
});

test("a list takes entries in order, moves and drops them", async () => {
  const t = open(["keys"], { keys: ["a"] });
  await userEvent.click(screen.getByRole("button", { name: "Add to keys" }));
  await userEvent.type(box("keys, entry 2"), "b{Enter}");
  expect(settingsOf(t)).toEqual({ keys: ["a", "b"] });
  await userEvent.click(screen.getByRole("button", { name: "Move entry 2 up" }));
  expect(settingsOf(t)).toEqual({ keys: ["b", "a"] });
  await userEvent.click(screen.getAllByRole("button", { name: "Remove entry 1" })[0] as HTMLElement);
  expect(settingsOf(t)).toEqual({ keys: ["a"] });
});

test("a map takes rows, and keeps a name that clashes out", async () => {
  const t = open(["labels"], { labels: { team: "data" } });
  await userEvent.click(screen.getByRole("button", { name: "Add to labels" }));
  await userEvent.type(screen.getByRole("textbox", { name: "labels, name 2" }), "team{Enter}");
  expect(settingsOf(t)).toEqual({ labels: { team: "data" } });
  screen.getByText("This name is there already.");
  await userEvent.clear(screen.getByRole("textbox", { name: "labels, name 2" }));
  await userEvent.type(screen.getByRole("textbox", { name: "labels, name 2" }), "env{Enter}");
  await userEvent.type(box("labels, value of env"), "prod{Enter}");
  expect(settingsOf(t)).toEqual({ labels: { team: "data", env: "prod" } });
});

test("an output made by a map keeps its wires when it is renamed", async () => {
  const t = open(["routes"], { routes: { big: "${fileSize:gt(9)}" } });
  const name = screen.getByRole("textbox", { name: "routes, name 1" });
  await userEvent.clear(name);
  await userEvent.type(name, "large{Enter}");
  expect(settingsOf(t)).toEqual({ routes: { large: "${fileSize:gt(9)}" } });
  expect(t.doc().connections?.["w"]?.output).toBe("large");
  act(() => t.editor.undo());
  expect(t.doc().connections?.["w"]?.output).toBe("big");
});

test("a schema takes columns with types, and JSON", async () => {
  const t = open(["schema"], { schema: [["uid", "string"]] });
  await userEvent.click(screen.getByRole("button", { name: "Add a column" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Name of column 2" }), "n{Enter}");
  await userEvent.clear(box("Type of column 2"));
  await userEvent.type(box("Type of column 2"), "int64");
  await userEvent.tab();
  expect(settingsOf(t)).toEqual({ schema: [["uid", "string"], ["n", "int64"]] });
  await userEvent.click(screen.getByRole("button", { name: "As JSON" }));
  const json = screen.getByRole("textbox", { name: "schema" });
  fireEvent.change(json, { target: { value: "[[" } });
  fireEvent.blur(json);
  screen.getByText(/This is no JSON/);
  expect(json).toHaveProperty("value", "[[");
  fireEvent.change(json, { target: { value: '[["a","date"]]' } });
  fireEvent.blur(json);
  expect(settingsOf(t)).toEqual({ schema: [["a", "date"]] });
});

test("a secret is named, sealed, and its value stands nowhere afterwards", async () => {
  const t = open(["key"]);
  await screen.findByRole("option", { name: "gcp-key" });
  await userEvent.selectOptions(box("key"), "New secret…");
  t.answers["PUT /secrets/mine"] = { secrets: ["gcp-key", "mine"] };
  await userEvent.type(screen.getByRole("textbox", { name: /Name of the secret/ }), "mine");
  const value = screen.getByLabelText(/Value of the secret/);
  expect(value.getAttribute("type")).toBe("password");
  await userEvent.type(value, "hush-hush");
  await userEvent.click(screen.getByRole("button", { name: "Seal the secret" }));
  await waitFor(() => expect(settingsOf(t)).toEqual({ key: { secret: "mine" } }));
  expect(t.calls).toContain('PUT /secrets/mine {"value":"hush-hush"}');
  expect(document.body.innerHTML).not.toContain("hush-hush");
  expect(JSON.stringify(t.doc())).not.toContain("hush-hush");
});

test("a service is made in place and its settings edited", async () => {
  const t = open(["service"]);
  await userEvent.selectOptions(box("service"), "New Cloud…");
  await userEvent.click(screen.getByRole("button", { name: "Add the service" }));
  expect(settingsOf(t)).toEqual({ service: "service" });
  expect(t.doc().services).toEqual({ service: { kind: "Cloud" } });
  fireEvent.change(box("project"), { target: { value: "demo" } });
  fireEvent.blur(box("project"));
  expect(t.doc().services).toEqual({ service: { kind: "Cloud", settings: { project: "demo" } } });
});

test("a parameter is made of a value in one step", async () => {
  const t = open(["count"], { count: 3 });
  await userEvent.click(screen.getByRole("button", { name: "Actions for count" }));
  await userEvent.click(screen.getByRole("menuitem", { name: "Make a parameter of it" }));
  expect(t.doc().parameters?.["count"]).toEqual({ type: "int", doc: "What count is.", default: 3 });
  expect(settingsOf(t)).toEqual({ count: "#{count}" });
  act(() => t.editor.undo());
  expect(settingsOf(t)).toEqual({ count: 3 });
  expect(t.doc().parameters?.["count"]).toBeUndefined();
});

test("an expression completes attributes and parameters by the keyboard", async () => {
  const t = open(["path"]);
  await userEvent.type(box("path"), "a/${{run.da");
  await userEvent.keyboard("{ArrowDown}{Enter}");
  expect(box("path")).toHaveProperty("value", "a/${run.date}");
  await userEvent.type(box("path"), "#{{da{ArrowDown}{Enter}{Enter}");
  expect(settingsOf(t)).toEqual({ path: "a/${run.date}#{day}" });
});

test("leaving the form hands over what is typed", () => {
  const t = open(["name"]);
  fireEvent.change(box("name"), { target: { value: "half" } });
  cleanup();
  expect(settingsOf(t)).toEqual({ name: "half" });
});
