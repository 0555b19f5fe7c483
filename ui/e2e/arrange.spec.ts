// Arranging a flow: lining up, grouping, notes, copies across tabs, names and
// ids; each is one step of undo.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { Board } from "./canvas";
import { box, centre, pull } from "./hands";
import { startMeters } from "./meters";
import { api, dress, expect, test, type Weir } from "./weir";

const flow = {
  weir: 1,
  id: "arrange",
  name: "Arrange",
  mode: "runs",
  nodes: {
    made: { kind: "GenerateFlowFile", name: "Made", settings: { count: 3, text: "x" } },
    mark: { kind: "UpdateAttribute", name: "Mark", settings: { set: { where: "out/crossed-${number}.txt" } }, terminate: ["failure"] },
    write: { kind: "WriteFile", name: "Write", settings: { path: "${where}", conflict: "replace" }, terminate: ["failure", "success"] },
  },
  connections: {
    "made-mark": { from: "made", output: "success", to: "mark" },
    "mark-write": { from: "mark", output: "success", to: "write" },
  },
  labels: { note: { text: "A note", at: [0, 200], size: [208, 64], color: "amber" }, bare: { text: "Plain", at: [320, 200], size: [208, 64] } },
  layout: { made: [0, 0], mark: [328, 40], write: [672, 24] },
};

interface Doc {
  nodes: Record<string, { kind: string; name?: string; group?: string; settings?: Record<string, unknown> }>;
  connections?: Record<string, { from: string; to: string }>;
  groups?: Record<string, { name?: string }>;
  labels?: Record<string, { color?: string }>;
  layout: Record<string, [number, number]>;
}

async function open(weir: Weir, home: Page, doc: { id: string } = flow): Promise<Board> {
  await api(home, "POST", "/flows", { draft: true, doc });
  await home.emulateMedia({ reducedMotion: "reduce" });
  await home.goto(`${weir.origin}/flows/${doc.id}`);
  const board = new Board(home);
  await expect(board.card("Made")).toBeVisible();
  return board;
}

async function docOf(board: Board, id = flow.id): Promise<Doc> {
  await board.saved();
  return (await api<{ doc: Doc }>(board.page, "GET", `/flows/${id}/draft`)).doc;
}

/** written are the files that the flow wrote. */
const written = (weir: Weir) => readdirSync(join(weir.data, "files/out")).filter((n) => /^(crossed|more)/.test(n)).toSorted();

const layoutOf = async (board: Board) => (await docOf(board)).layout;

async function choose(board: Board, ...names: string[]): Promise<void> {
  for (const [i, name] of names.entries()) await board.card(name).click({ position: { x: 40, y: 20 }, modifiers: i === 0 ? [] : ["ControlOrMeta"] });
}

async function press(board: Board, ...keys: string[]): Promise<void> {
  await board.canvas.focus();
  for (const key of keys) await board.page.keyboard.press(key);
}

const undo = (board: Board) => press(board, "ControlOrMeta+z");

test("cards are aligned, spread and tidied, each in one step", async ({ weir, home }) => {
  const board = await open(weir, home);
  await choose(board, "Made", "Mark", "Write");
  await press(board, "Alt+a", "t");
  await expect.poll(() => layoutOf(board)).toEqual({ made: [0, 0], mark: [328, 0], write: [672, 0] });
  await press(board, "Alt+a", "h");
  await expect.poll(() => layoutOf(board)).toEqual({ made: [0, 0], mark: [336, 0], write: [672, 0] });
  await undo(board);
  await expect.poll(() => layoutOf(board)).toEqual({ made: [0, 0], mark: [328, 0], write: [672, 0] });
  await undo(board);
  await expect.poll(() => layoutOf(board)).toEqual(flow.layout);

  await press(board, "Escape", "Alt+l");
  await expect.poll(async () => new Set(Object.values(await layoutOf(board)).map((p) => p[1])).size, "a chain is laid out in a row").toBe(1);
  await undo(board);
  await expect.poll(() => layoutOf(board)).toEqual(flow.layout);
});

test("a lasso selects what it meets", async ({ weir, home }) => {
  const board = await open(weir, home);
  const made = await box(board.card("Made"));
  const mark = await box(board.card("Mark"));
  await home.keyboard.down("Shift");
  await pull(home, { x: made.x - 20, y: made.y - 30 }, { x: mark.x + 40, y: mark.y + 30 });
  await home.keyboard.up("Shift");
  const chosen = board.canvas.locator(".react-flow__node.selected");
  await expect(chosen).toHaveCount(2);
  await press(board, "Escape");
  await expect(chosen).toHaveCount(0);
  await board.canvas.getByRole("button", { name: "Drag selects" }).click();
  const write = await box(board.card("Write"));
  await pull(home, { x: write.x + write.width + 30, y: write.y - 30 }, { x: mark.x + 100, y: mark.y + mark.height + 10 });
  await expect(chosen).toHaveCount(2);
});

test("a group is made, entered and left; what runs crosses its ports", async ({ weir, home }) => {
  const board = await open(weir, home);
  await choose(board, "Mark");
  await press(board, "ControlOrMeta+g");
  const group = board.canvas.getByRole("group", { name: /^Group group/ });
  await expect(group).toBeVisible();
  await expect(board.wires, "the wires lead to the group").toHaveCount(2);

  await group.dblclick({ position: { x: 60, y: 70 } });
  await expect(board.canvas.getByRole("group", { name: /^Input port/ })).toBeVisible();
  await expect(board.canvas.getByRole("group", { name: /^Output port/ })).toBeVisible();
  await expect(board.card("Mark")).toBeVisible();
  await expect(board.wires).toHaveCount(2);
  const path = home.getByRole("navigation", { name: "Where you are" });
  await expect(path.getByRole("button", { name: "group", exact: true })).toHaveAttribute("aria-current", "page");
  await path.getByRole("button", { name: "Arrange" }).click();
  await expect(board.card("Made")).toBeVisible();
  expect(Object.values((await docOf(board)).nodes).map((n) => [n.kind, n.group ?? ""])).toEqual(expect.arrayContaining([["InputPort", "group"], ["OutputPort", "group"], ["UpdateAttribute", "group"]]));

  // One step makes it, one undoes it.
  await undo(board);
  await expect(group).toHaveCount(0);
  expect((await docOf(board)).connections).toEqual(flow.connections);
  await press(board, "ControlOrMeta+Shift+z");
  await expect(group).toBeVisible();

  await board.saved();
  await board.publish();
  await board.run("succeeded");
  expect(written(weir)).toEqual(["crossed-1.txt", "crossed-2.txt", "crossed-3.txt"]);
});

test("a wire dropped on a group leads in by a port that is there, or by a new one", async ({ weir, home }) => {
  const board = await open(weir, home);
  await choose(board, "Mark");
  await press(board, "ControlOrMeta+g");
  const group = board.canvas.getByRole("group", { name: /^Group group/ });
  await board.dropKind("GenerateFlowFile", { x: 200, y: 560 });
  await home.getByRole("button", { name: "Show all" }).click();
  const at = await box(group);
  await pull(home, await centre(board.port("generate-flow-file", "source")), { x: at.x + at.width / 2, y: at.y + at.height - 14 });
  const pick = home.getByRole("dialog", { name: "Connect" });
  await pick.getByRole("radio", { name: "a new input port" }).check();
  await pick.getByRole("button", { name: "Connect" }).click();
  await expect(board.wires).toHaveCount(3);
  const { nodes, connections } = await docOf(board);
  const ports = Object.keys(nodes).filter((n) => nodes[n]?.kind === "InputPort");
  expect(ports).toHaveLength(2);
  expect(Object.values(connections ?? {}).find((c) => c.from === "generate-flow-file")?.to).toBe(ports.find((p) => !Object.values(connections ?? {}).some((c) => c.from === "made" && c.to === p)));
});

test("a funnel brings two wires together, and data runs through it", async ({ weir, home }) => {
  const board = await open(weir, home, {
    ...flow,
    nodes: { ...flow.nodes, more: { kind: "GenerateFlowFile", name: "More", settings: { count: 2, text: "x", attributes: { where: "out/more.txt" } } } },
    connections: { "made-mark": flow.connections["made-mark"] },
    labels: {},
    layout: { made: [0, 0], mark: [328, 40], write: [880, 24], more: [328, 240] },
  } as { id: string });
  const canvas = await box(board.canvas);
  const write = await box(board.card("Write"));
  await board.dropKind("Funnel", { x: write.x - canvas.x - 60, y: write.y - canvas.y + 160 });
  await home.getByRole("button", { name: "Show all" }).click();
  const funnel = board.canvas.getByRole("group", { name: /^Funnel/ });
  for (const [from, output] of [["Mark", "success"], ["More", "success"]] as const) {
    await pull(home, await centre(board.port(from, "source", output)), await centre(funnel.locator(".react-flow__handle.target")));
  }
  await pull(home, await centre(funnel.locator(".react-flow__handle.source")), await centre(board.port("Write", "target")));
  await expect(board.wires).toHaveCount(4);
  await board.saved();
  await board.publish();
  await board.run("succeeded");
  expect(written(weir)).toEqual(["crossed-1.txt", "crossed-2.txt", "crossed-3.txt", "more.txt"]);
});

test("what is copied is JSON text, and is pasted in another tab", async ({ weir, home, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const board = await open(weir, home);
  await choose(board, "Made", "Mark");
  await press(board, "ControlOrMeta+c");
  const text = await home.evaluate(() => navigator.clipboard.readText());
  expect(JSON.parse(text)).toMatchObject({ "weir-clip": 1, nodes: { made: flow.nodes.made, mark: flow.nodes.mark }, connections: { "made-mark": flow.connections["made-mark"] } });

  const tab = await context.newPage();
  await api(home, "POST", "/flows", { draft: true, doc: { weir: 1, id: "other", mode: "runs", nodes: { made: { kind: "GenerateFlowFile", name: "Made" } }, layout: { made: [0, 0] } } });
  await tab.goto(`${weir.origin}/flows/other`);
  const there = new Board(tab);
  await expect(there.card("Made")).toBeVisible();
  await press(there, "ControlOrMeta+v");
  await expect(there.card("Mark")).toBeVisible();
  await expect(there.wires).toHaveCount(1);
  const { nodes, connections } = await docOf(there, "other");
  expect(Object.keys(nodes).toSorted()).toEqual(["made", "made-2", "mark"]);
  expect(Object.values(connections ?? {})).toEqual([{ from: "made-2", output: "success", to: "mark" }]);
  await undo(there);
  await expect(there.card("Mark")).toHaveCount(0);
  await tab.close();
});

test("an edit of a property is undone and done again", async ({ weir, home }) => {
  const board = await open(weir, home);
  await board.open("Made");
  await board.fill("Count", "8");
  await expect.poll(async () => (await docOf(board)).nodes["made"]?.settings?.["count"]).toBe(8);
  await undo(board);
  await expect(board.field("Count")).toHaveValue("3");
  expect((await docOf(board)).nodes["made"]?.settings).toEqual(flow.nodes.made.settings);
  await press(board, "ControlOrMeta+Shift+z");
  await expect(board.field("Count")).toHaveValue("8");
});

test("a node is renamed, and given another id that its wires follow", async ({ weir, home }) => {
  const board = await open(weir, home);
  await choose(board, "Mark");
  await press(board, "F2");
  await board.canvas.getByRole("textbox", { name: "Name" }).fill("표시");
  await home.keyboard.press("Enter");
  await expect(board.card("표시")).toBeVisible();

  await press(board, "Shift+F2");
  const ask = board.canvas.getByRole("dialog", { name: "Change the id" });
  const id = ask.getByRole("textbox", { name: "Id" });
  await expect(id).toHaveValue("mark");
  await id.fill("Not an id");
  await id.press("Enter");
  await expect(ask.getByRole("alert")).toContainText("Small letters");
  await id.fill("write");
  await id.press("Enter");
  await expect(ask.getByRole("alert")).toContainText("There is a write already.");
  await id.fill("tag");
  await id.press("Enter");
  await expect(ask).toBeHidden();
  await expect(board.wires).toHaveCount(2);
  const { nodes, connections } = await docOf(board);
  expect(nodes["tag"]).toMatchObject({ kind: "UpdateAttribute", name: "표시" });
  expect(connections).toEqual({ "made-mark": { from: "made", output: "success", to: "tag" }, "mark-write": { from: "tag", output: "success", to: "write" } });
  await undo(board);
  expect(Object.keys((await docOf(board)).nodes).toSorted()).toEqual(["made", "mark", "write"]);
  await undo(board);
  expect((await docOf(board)).nodes).toEqual(flow.nodes);
});

test("a note has its colour, and is given another", async ({ weir, home }) => {
  const board = await open(weir, home);
  const ground = (id: string) => board.canvas.locator(`[data-card="label:${id}"]`).evaluate((el) => getComputedStyle(el).backgroundColor);
  const amber = await ground("note");
  expect(amber).not.toBe(await ground("bare"));
  await board.canvas.getByRole("group", { name: "Label: Plain" }).click({ button: "right" });
  await home.getByRole("menuitem", { name: "Colour the note amber" }).click();
  await expect.poll(() => ground("bare")).toBe(amber);
  expect((await docOf(board)).labels?.["bare"]?.color).toBe("amber");
  await undo(board);
  await expect.poll(() => ground("bare")).not.toBe(amber);
});

test("the canvas is one application and one stop, and names what it is drawn with elsewhere", async ({ weir, home }) => {
  const board = await open(weir, home);
  await expect(home.locator("[role=application]")).toHaveCount(1);
  expect(await board.canvas.locator("[tabindex='0']").count(), "no card or wire is a stop of its own").toBe(0);
  await expect(board.canvas.getByText("React Flow")).toHaveCount(0);
  await press(board, "?");
  await expect(home.getByRole("dialog").getByRole("link", { name: "React Flow" })).toHaveAttribute("href", "https://reactflow.dev");
});

for (const theme of ["light", "dark"] as const) {
  test(`a selected wire goes on showing its pressure, ${theme}`, async ({ weir, home }) => {
    await startMeters(home);
    await dress(home, theme, "en");
    await home.goto(`${weir.origin}/flows/meters`);
    const board = new Board(home);
    const wire = home.locator("[data-wire='mark-store'][data-step='full']");
    await expect(wire).toBeVisible({ timeout: 30_000 });
    const stroke = () => wire.locator("path[class*=line]").first().evaluate((el) => getComputedStyle(el).stroke);
    const red = await home.evaluate(() => {
      const probe = document.createElement("i");
      probe.style.color = "var(--red)";
      document.body.append(probe);
      const color = getComputedStyle(probe).color;
      probe.remove();
      return color;
    });
    await expect.poll(stroke).toBe(red);
    await board.clickWire("mark", "store");
    await expect(wire).toHaveAttribute("data-chosen", "true");
    await expect(wire.locator("path[class*=halo]")).toHaveCount(1);
    await expect.poll(stroke).toBe(red);
  });
}

test("the canvas is ringed for those who come by keys, not by mouse", async ({ weir, home }) => {
  const board = await open(weir, home);
  const ring = () => board.canvas.evaluate((el) => getComputedStyle(el, "::after").content);
  await board.canvas.locator(".react-flow__pane").click({ position: { x: 500, y: 40 } });
  await expect(board.canvas).toBeFocused();
  expect(await ring()).toBe("none");
  await home.keyboard.press("Escape");
  await board.canvas.blur();
  await board.canvas.focus();
  expect(await ring()).not.toBe("none");
});

test("what the canvas asks is clean by axe: menus, ids, ports", async ({ weir, home }) => {
  const board = await open(weir, home);
  const faults = async () => (await new AxeBuilder({ page: home }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]).analyze()).violations.map((v) => `${v.id}: ${v.nodes[0]?.html}`);
  await board.canvas.getByRole("group", { name: "Label: A note" }).click({ button: "right" });
  await expect(home.getByRole("menu")).toBeVisible();
  expect.soft(await faults()).toEqual([]);
  await home.keyboard.press("Escape");
  await choose(board, "Mark");
  await press(board, "Shift+F2");
  await expect(home.getByRole("dialog", { name: "Change the id" })).toBeVisible();
  expect.soft(await faults()).toEqual([]);
  await home.keyboard.press("Escape");
  await press(board, "c", "W", "r", "i", "Enter");
  await expect(home.getByRole("dialog", { name: "Connect" })).toBeVisible();
  expect.soft(await faults()).toEqual([]);
});
