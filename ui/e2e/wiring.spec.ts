// Wiring by mouse: adding at an output, dropping a wire or a card, moving an end.
// Each is one step, which one undo takes back.
import type { Page } from "@playwright/test";
import { Board } from "./canvas";
import { box, centre, pull } from "./hands";
import { api, expect, test, type Weir } from "./weir";

const wires = {
  weir: 1,
  id: "wires",
  name: "Wires",
  mode: "continuous",
  nodes: {
    source: { kind: "GenerateFlowFile", name: "Source", every: "1s", settings: { text: "x" } },
    mark: { kind: "UpdateAttribute", name: "Mark", settings: { set: { a: "1" } } },
    store: { kind: "LogAttribute", name: "Store" },
    join: { kind: "JoinRecords", name: "Join" },
    spare: { kind: "UpdateAttribute", name: "Spare", settings: { set: { b: "2" } } },
  },
  connections: {
    "source-mark": { from: "source", output: "success", to: "mark", limit: { flowfiles: 77 } },
    "mark-store": { from: "mark", output: "success", to: "store" },
  },
  layout: { source: [0, 0], mark: [480, 0], store: [800, 0], join: [800, 240], spare: [160, 240] },
};

interface Doc {
  nodes: Record<string, { kind: string; terminate?: string[] }>;
  connections: Record<string, { from: string; output: string | string[]; to: string; input?: string; limit?: unknown }>;
  layout: Record<string, [number, number]>;
}

async function open(weir: Weir, home: Page): Promise<Board> {
  await api(home, "POST", "/flows", { draft: true, doc: wires });
  // Nothing moves by itself while the mouse aims.
  await home.emulateMedia({ reducedMotion: "reduce" });
  await home.goto(`${weir.origin}/flows/wires`);
  const board = new Board(home);
  await expect(board.card("Store")).toBeVisible();
  return board;
}

const doc = async (board: Board): Promise<Doc> => {
  await board.saved();
  return (await api<{ doc: Doc }>(board.page, "GET", "/flows/wires/draft")).doc;
};

/** undone takes the last step back and tells that the flow is as it was. */
async function undone(board: Board): Promise<void> {
  await board.canvas.focus();
  await board.page.keyboard.press("ControlOrMeta+z");
  await expect.poll(() => doc(board)).toMatchObject({ nodes: wires.nodes, connections: wires.connections, layout: wires.layout });
  const now = await doc(board);
  expect(Object.keys(now.nodes).toSorted()).toEqual(Object.keys(wires.nodes).toSorted());
  expect(Object.keys(now.connections).toSorted()).toEqual(Object.keys(wires.connections).toSorted());
}

const asked = (board: Board) => board.page.getByRole("dialog", { name: "Add a processor" });

async function choose(board: Board, kind: string): Promise<void> {
  await asked(board).getByRole("combobox").fill(kind);
  await board.page.keyboard.press("Enter");
  await expect(asked(board)).toBeHidden();
}

/** end is the handle at an end of a wire, by which it is moved. */
const end = (board: Board, wire: string, which: "source" | "target") => board.page.locator(`[data-id="wire:${wire}"] .react-flow__edgeupdater-${which}`);

test("the plus at an output of the selected node adds a node that is wired to it", async ({ weir, home }) => {
  const board = await open(weir, home);
  await board.open("Source");
  await board.card("Source").getByRole("button", { name: "Add after output success" }).click();
  await choose(board, "LogAttribute");
  await expect(board.wires).toHaveCount(3);
  const made = await doc(board);
  expect(made.nodes["log-attribute"]?.kind).toBe("LogAttribute");
  expect(Object.values(made.connections)).toContainEqual(expect.objectContaining({ from: "source", output: "success", to: "log-attribute" }));
  await undone(board);
});

test("a wire dropped on the empty canvas asks there for a node, from either end", async ({ weir, home }) => {
  const board = await open(weir, home);
  const at = { x: (await box(board.canvas)).x + 620, y: (await box(board.canvas)).y + 700 };
  await pull(home, await centre(board.port("Mark", "source", "success")), at);
  const ask = await box(asked(board));
  expect(at.x).toBeGreaterThanOrEqual(ask.x - 2);
  expect(at.x).toBeLessThan(ask.x + ask.width);
  await choose(board, "UpdateAttribute");
  await expect(board.wires).toHaveCount(3);
  const card = await box(board.card("update-attribute"));
  expect(Math.abs(card.x - at.x), "the card begins where the wire was let go").toBeLessThan(12);
  expect(at.y).toBeGreaterThan(card.y);
  expect(at.y).toBeLessThan(card.y + card.height);
  expect(Object.values((await doc(board)).connections)).toContainEqual(expect.objectContaining({ from: "mark", output: "success", to: "update-attribute" }));
  await undone(board);

  // Backwards: a source for an input.
  await home.getByRole("button", { name: "Show all" }).click();
  await pull(home, await centre(board.port("Join", "target", "right")), at);
  await asked(board).getByRole("combobox").fill("GenerateFlowFile");
  await expect(asked(board).getByRole("option")).toHaveCount(1);
  await home.keyboard.press("Enter");
  await expect(board.wires).toHaveCount(3);
  expect(Object.values((await doc(board)).connections)).toContainEqual(expect.objectContaining({ from: "generate-flow-file", output: "success", to: "join", input: "right" }));
  await undone(board);
});

test("the middle of a short wire leads to its queue, not to the plus beside it", async ({ weir, home }) => {
  await home.goto(`${weir.origin}/flows/calback-users`);
  const board = new Board(home);
  const on = await centre(board.wires.first());
  await home.mouse.move(on.x - 6, on.y);
  const plus = board.canvas.getByRole("button", { name: "Insert a processor here" });
  await expect(plus).toBeVisible();
  await home.mouse.click(on.x, on.y);
  await expect(board.drawer.getByRole("tab", { name: /^Queue/ })).toHaveAttribute("aria-selected", "true");
});

test("a processor of the palette dropped on a wire is put into it", async ({ weir, home }) => {
  const board = await open(weir, home);
  const canvas = await box(board.canvas);
  const on = await centre(board.wire("source", "mark"));
  await board.dropKind("UpdateAttribute", { x: on.x - canvas.x, y: on.y - canvas.y });
  await expect(board.wires).toHaveCount(3);
  const made = await doc(board);
  expect(made.connections["source-mark"]).toEqual({ from: "source", output: "success", to: "update-attribute", limit: { flowfiles: 77 } });
  expect(Object.values(made.connections)).toContainEqual(expect.objectContaining({ from: "update-attribute", output: "success", to: "mark" }));
  await undone(board);
});

test("a free card let go on a wire is put into it, one that is wired only moves", async ({ weir, home }) => {
  const board = await open(weir, home);
  const spare = await box(board.card("Spare"));
  const on = await centre(board.wire("source", "mark"));
  const grip = { x: 60, y: 70 };
  const to = { x: on.x - spare.width / 2 + grip.x, y: on.y - spare.height / 2 + grip.y };
  await pull(home, { x: spare.x + grip.x, y: spare.y + grip.y }, to, async () => {
    await expect(board.wire("source", "mark")).toHaveAttribute("data-aim", "true");
    await expect(board.wire("mark", "store")).toHaveAttribute("data-aim", "false");
  });
  await expect(board.wires).toHaveCount(3);
  const made = await doc(board);
  expect(made.connections["source-mark"]).toEqual({ from: "source", output: "success", to: "spare", limit: { flowfiles: 77 } });
  expect(Object.values(made.connections)).toContainEqual(expect.objectContaining({ from: "spare", output: "success", to: "mark" }));
  const moved = await box(board.card("Spare"));
  expect(Math.abs(moved.x + moved.width / 2 - on.x)).toBeLessThan(10);
  await undone(board);

  // The store has its wire: over the other wire it stays what it was.
  const store = await box(board.card("Store"));
  await pull(home, { x: store.x + grip.x, y: store.y + grip.y }, to, async () => {
    await expect(board.wire("source", "mark")).toHaveAttribute("data-aim", "false");
  });
  await expect(board.wires).toHaveCount(2);
  expect((await doc(board)).connections).toEqual(wires.connections);
  await undone(board);
});

test("an end of a wire goes to the input it is dropped on; on the card itself it asks which", async ({ weir, home }) => {
  const board = await open(weir, home);
  await pull(home, await centre(end(board, "mark-store", "target")), await centre(board.port("Join", "target", "right")));
  await expect.poll(async () => (await doc(board)).connections["mark-store"]).toEqual({ from: "mark", output: "success", to: "join", input: "right" });
  await undone(board);

  const join = await box(board.card("Join"));
  await pull(home, await centre(end(board, "source-mark", "target")), { x: join.x + 120, y: join.y + 30 });
  const pick = home.getByRole("dialog", { name: "Connect" });
  await expect(pick.getByRole("group", { name: "Into which input of Join?" })).toBeVisible();
  await pick.getByRole("radio", { name: "right" }).check();
  await pick.getByRole("button", { name: "Connect" }).click();
  await expect.poll(async () => (await doc(board)).connections["source-mark"]).toEqual({ from: "source", output: "success", to: "join", input: "right", limit: { flowfiles: 77 } });
  await undone(board);
});

test("the beginning of a wire goes to another card, whose outputs are chosen", async ({ weir, home }) => {
  const board = await open(weir, home);
  const join = await box(board.card("Join"));
  await pull(home, await centre(end(board, "mark-store", "source")), { x: join.x + 120, y: join.y + 30 });
  const pick = home.getByRole("dialog", { name: "Connect" });
  await expect(pick.getByRole("group", { name: "Which outputs of Join?" })).toBeVisible();
  await expect(pick.getByRole("checkbox", { name: "success" })).toBeChecked();
  await pick.getByRole("checkbox", { name: "unmatched_left" }).check();
  await pick.getByRole("button", { name: "Connect" }).click();
  await expect.poll(async () => (await doc(board)).connections["mark-store"]).toMatchObject({ from: "join", output: ["success", "unmatched_left"], to: "store" });
  await undone(board);
});

test("a node deleted with reconnecting leaves its neighbours wired", async ({ weir, home }) => {
  const board = await open(weir, home);
  await board.open("Mark");
  await board.canvas.focus();
  await home.keyboard.press("ControlOrMeta+Delete");
  await expect(board.card("Mark")).toHaveCount(0);
  const made = await doc(board);
  expect(made.connections).toEqual({ "source-mark": { from: "source", output: "success", to: "store", limit: { flowfiles: 77 } } });
  await undone(board);
});

test("cards that are selected or stood on stay mounted out of sight, others do not", async ({ weir, home }) => {
  const board = await open(weir, home);
  await board.card("Spare").click({ position: { x: 40, y: 20 } });
  await board.card("Source").click({ position: { x: 40, y: 20 }, modifiers: ["ControlOrMeta"] });
  const here = await box(board.canvas);
  for (let i = 0; i < 4; i++) await pull(home, { x: here.x + here.width - 300, y: here.y + 60 }, { x: here.x + 40, y: here.y + 60 });
  for (let i = 0; i < 4; i++) await pull(home, { x: here.x + here.width - 300, y: here.y + 500 }, { x: here.x + here.width - 300, y: here.y + 40 });
  await expect(board.page.locator("[data-card='mark']")).toHaveCount(0);
  await expect(board.page.locator("[data-card='spare']")).toHaveCount(1);
  await expect(board.page.locator("[data-card='source']")).toHaveCount(1);
  const out = await box(board.page.locator("[data-card='spare']"));
  expect(out.x + out.width, "it is out of sight").toBeLessThan(here.x);
});
