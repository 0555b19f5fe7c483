// Runs by hand: started with parameters, looked at, failed and mended, cancelled.
import { writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { bytes as size } from "../src/lib/numbers";
import { Board } from "./canvas";
import { api, expect, test, type Weir } from "./weir";

interface RunOf {
  run: { id: string; slot: string; state: string; by: string; params: Record<string, string> };
}

/** orders makes people's records, marks them and writes them to a file that parameters name. */
const orders = {
  weir: 1, id: "orders", name: "주문", mode: "runs", policy: { retries: 0 },
  schedule: { every: "day", zone: "Asia/Seoul" },
  parameters: { folder: { type: "string", doc: "Where the file goes.", default: "orders" }, copies: { type: "int" } },
  nodes: {
    made: { kind: "GenerateFlowFile", name: "Made", settings: { content: "records", schema: [["id", "int64"], ["name", "string"]], rows: 50, count: 4 } },
    mark: { kind: "UpdateAttribute", name: "Mark", settings: { set: { copies: "#{copies}" } }, terminate: ["failure"] },
    csv: { kind: "WriteCSV", name: "Write", settings: { path: "#{folder}/${run.date}.csv" }, terminate: ["success"] },
  },
  connections: { "made-mark": { from: "made", output: "success", to: "mark" }, "mark-csv": { from: "mark", output: "success", to: "csv" } },
  layout: { made: [0, 0], mark: [296, 0], csv: [592, 0] },
};

/** opened imports a flow and opens its page with the list of runs. */
async function opened(page: Page, weir: Weir, doc: { id: string }): Promise<Board> {
  await api(page, "POST", "/flows", { doc });
  await page.goto(`${weir.origin}/flows/${doc.id}?drawer=runs`);
  const board = new Board(page);
  await expect(board.canvas).toBeVisible();
  return board;
}

const counters = (board: Board, node: string) => board.page.locator(`[data-card='${node}'] b`);

/** CountsOf is what a run counted on its wires. */
interface CountsOf {
  run: { queues: Record<string, Record<"entered" | "left" | "queued", { n: number; rows: number; bytes: number }>> };
}

const pill = (board: Board, wire: string) => board.canvas.locator(`[data-wire='${wire}'] text`);

/** ended waits for the end of the run that is shown. */
async function ended(board: Board, how: RegExp): Promise<void> {
  await expect(board.drawer.getByRole("region", { name: /^Run / }).getByText(/^(succeeded|failed|partial|cancelled)$/).first()).toHaveText(how, { timeout: 30_000 });
}

test("a run is started with parameters, and its counts lie on the canvas until it is let go", async ({ home, weir }) => {
  const board = await opened(home, weir, orders);
  await expect(board.drawer.getByText("No runs yet.")).toBeVisible();
  await board.drawer.getByRole("button", { name: "Start a run…" }).click();
  const form = board.drawer.getByRole("form", { name: "Start a run" });
  await form.getByRole("textbox", { name: "Slot" }).fill("2026-11-01");
  // A parameter without a default must be told, and be what it says.
  const copies = form.getByRole("textbox", { name: "copies" });
  await copies.fill("many");
  await form.getByRole("button", { name: "Start the run" }).click();
  await expect(form.getByRole("alert")).toContainText("copies");
  await copies.fill("2");
  await form.getByRole("textbox", { name: "folder" }).fill("가을");
  await form.getByRole("button", { name: "Start the run" }).click();
  await ended(board, /succeeded/);
  const { runs } = await api<{ runs: RunOf["run"][] }>(home, "GET", "/runs?flow=orders");
  expect(runs).toHaveLength(1);
  expect(runs[0]).toMatchObject({ slot: "2026-11-01", state: "SUCCESS", by: "link", params: { copies: "2", folder: "가을" } });
  const panel = board.drawer.getByRole("region", { name: "Run 2026-11-01" });
  await expect(panel).toContainText("by a browser");
  await panel.getByRole("tab", { name: /^Outputs/ }).click();
  await expect(panel.getByRole("cell", { name: /^가을\/2026-11-01\.csv/ })).toBeVisible();

  // Each card and wire tells what passed in this run.
  for (const node of ["made", "mark", "csv"]) await expect(board.page.locator(`[data-card='${node}']`)).toHaveAttribute("data-state", "13");
  await expect(counters(board, "made").nth(1)).toHaveText("200");
  await expect(counters(board, "mark").nth(0)).toHaveText("200");
  await expect(counters(board, "csv").nth(0)).toHaveText("200");
  await expect(counters(board, "csv").nth(1)).toHaveText("200");
  const counted = await api<CountsOf>(home, "GET", `/runs/${runs[0]?.id ?? ""}`);
  for (const wire of ["made-mark", "mark-csv"]) {
    expect(counted.run.queues[wire]).toMatchObject({ entered: { n: 4, rows: 200 }, left: { n: 4, rows: 200 }, queued: { n: 0 } });
  }
  await expect(pill(board, "made-mark")).toHaveText(`200 · ${size(counted.run.queues["made-mark"]?.entered.bytes ?? 0)}`);
  // Where the name of an output takes the room, the size is left out.
  await expect(pill(board, "mark-csv")).toHaveText(/^200( · [\d.]+ k?B)?$/);

  // The node's own list has it too; letting go there takes the counts off.
  await board.open("Write", "Runs");
  const own = board.inspector.getByRole("list", { name: "Newest runs of this node" }).getByRole("button");
  await expect(own).toHaveCount(1);
  await expect(own).toContainText("done");
  await expect(own).toContainText("2026-11-01");
  await expect(own).toContainText("In 200");
  await expect(own).toHaveAttribute("aria-pressed", "true");
  await own.click();
  await expect(own).toHaveAttribute("aria-pressed", "false");
  await expect(board.page.locator("[data-card='csv']")).not.toHaveAttribute("data-state", "13");
  await expect(pill(board, "mark-csv")).toHaveCount(0);
  await own.click();
  await expect(board.page.locator("[data-card='csv']")).toHaveAttribute("data-state", "13");
  await expect(pill(board, "mark-csv")).toHaveText(/^200\b/);

  // The wire itself says both in words: what passed, and what is queued.
  const at = new URL(home.url());
  at.searchParams.set("open", "wire:mark-csv");
  at.searchParams.set("drawer", "queue");
  await home.goto(at.toString());
  const said = `200 rows · 4 FlowFiles · ${size(counted.run.queues["mark-csv"]?.entered.bytes ?? 0)}`;
  await expect(board.inspector.getByText(said)).toBeVisible();
  await expect(board.inspector.getByText("0 FlowFiles · 0 B")).toBeVisible();
  await expect(board.drawer.getByRole("row", { name: /^Mark → Write/ }).getByRole("cell").first()).toHaveText(said);
});

test("slots are filled backwards, after what would be done is shown", async ({ home, weir }) => {
  const board = await opened(home, weir, { ...orders, parameters: { folder: orders.parameters.folder, copies: { type: "int", default: 1 } } } as typeof orders);
  await board.drawer.getByRole("button", { name: "Backfill…" }).click();
  const form = board.drawer.getByRole("form", { name: "Backfill slots" });
  await form.getByRole("textbox", { name: "From slot" }).fill("2026-11-03");
  await form.getByRole("textbox", { name: "To slot" }).fill("2026-11-05");
  await form.getByRole("button", { name: "Show the slots" }).click();
  await expect(form.getByRole("status")).toContainText("2026-11-03, 2026-11-04, 2026-11-05");
  await form.getByRole("button", { name: "Start 3 runs" }).click();
  await expect(form).toBeHidden();
  const list = board.drawer.getByRole("grid", { name: "Runs of this flow" });
  for (const day of ["03", "04", "05"]) await expect(list.getByRole("row", { name: new RegExp(`succeeded.*2026-11-${day}.*backfill`) })).toBeVisible({ timeout: 30_000 });
  // What has run is left out of the next.
  await board.drawer.getByRole("button", { name: "Backfill…" }).click();
  await form.getByRole("textbox", { name: "From slot" }).fill("2026-11-04");
  await form.getByRole("textbox", { name: "To slot" }).fill("2026-11-06");
  await form.getByRole("button", { name: "Show the slots" }).click();
  await expect(form.getByRole("status")).toContainText("1 slot gets a run");
  await expect(form.getByRole("status")).toContainText("2 of the range stay as they are");
});

test("a run that fails says why, is mended in the flow and resumed", async ({ home, weir }) => {
  mkdirSync(join(weir.data, "files/in"), { recursive: true });
  writeFileSync(join(weir.data, "files/in/people.csv"), "id,name\n1,김민수\n2,이서연\n");
  const board = await opened(home, weir, {
    weir: 1, id: "people", mode: "runs", policy: { retries: 0 },
    nodes: {
      read: { kind: "ReadFile", name: "Read", settings: { path: "in/peeple.csv", format: "csv", schema: [["id", "int64"], ["name", "string"]] }, terminate: ["rejected"] },
      csv: { kind: "WriteCSV", name: "Write", settings: { path: "out/people.csv" }, terminate: ["success"] },
    },
    connections: { "read-csv": { from: "read", output: "success", to: "csv" } }, layout: { read: [0, 0], csv: [320, 0] },
  } as { id: string });
  await board.run("failed");
  const panel = board.drawer.getByRole("region", { name: /^Run / });
  await expect(board.page.locator("[data-card='read']")).toHaveAttribute("data-state", "14");
  await expect(board.page.locator("[data-card='csv']")).toHaveAttribute("data-state", "16");
  await panel.getByRole("tab", { name: /^Waits for/ }).click();
  await expect(panel.getByRole("list", { name: "Waits for" }).getByRole("listitem").filter({ hasText: "peeple.csv" })).toBeVisible();

  await board.open("Read", "Runs");
  await expect(board.inspector.getByRole("list", { name: "Newest runs of this node" })).toContainText("peeple.csv");
  await board.inspector.getByRole("tab", { name: /^Properties/ }).click();
  await board.fill("Path", "in/people.csv");
  await board.publish();
  await panel.getByRole("button", { name: "Resume…" }).click();
  const ask = home.getByRole("dialog");
  await ask.getByRole("radio", { name: "with the version in force" }).check();
  await expect(ask.getByText("in/people.csv")).toBeVisible();
  await ask.getByRole("button", { name: "Resume", exact: true }).click();
  await ended(board, /succeeded/);
  await expect(board.page.locator("[data-card='csv']")).toHaveAttribute("data-state", "13");
  await expect(counters(board, "csv").nth(0)).toHaveText("2");
  await panel.getByRole("tab", { name: "History" }).click();
  await expect(panel.getByRole("grid", { name: "History" })).toContainText("a browser");
});

test("a run at work is followed in its log, says what it waits for, and is cancelled", async ({ home, weir }) => {
  const board = await opened(home, weir, {
    weir: 1, id: "long", mode: "runs",
    nodes: { made: { kind: "GenerateFlowFile", name: "Made", settings: { text: "x", count: 1000000 }, discard: true }, log: { kind: "LogAttribute", name: "Tell", terminate: ["success", "failure"] } },
    connections: { "made-log": { from: "made", output: "success", to: "log" } }, layout: { made: [0, 0], log: [320, 0] },
  } as { id: string });
  await board.drawer.getByRole("button", { name: "Start a run…" }).click();
  await board.drawer.getByRole("button", { name: "Start the run" }).click();
  await expect(board.page.locator("[data-card='made']")).toHaveAttribute("data-state", "12", { timeout: 30_000 });
  await expect(board.card("Made")).toHaveAttribute("aria-label", /working/);
  const panel = board.drawer.getByRole("region", { name: /^Run / });
  await panel.getByRole("tab", { name: /^Waits for/ }).click();
  await expect(panel.getByRole("list", { name: "Waits for" }).getByRole("listitem").first()).toContainText("made");

  // The log of the node grows under the eyes, and only what is new is asked for.
  const from: number[] = [];
  home.on("request", (r) => r.url().includes("/logs/page") && from.push(Number(new URL(r.url()).searchParams.get("after"))));
  await panel.getByRole("button", { name: "Logs" }).click();
  await board.drawer.getByRole("combobox", { name: "Node" }).selectOption("Tell");
  await expect(board.drawer.getByRole("grid", { name: "Log of the run" }).getByRole("row").filter({ hasText: "Tell" }).first()).toBeVisible();
  const count = async () => Number(/^(\d+)/.exec((await board.drawer.getByText(/\d+ of \d+ lines/).textContent()) ?? "")?.[1]);
  const before = await count();
  expect(before).toBeGreaterThan(0);
  await expect.poll(count).toBeGreaterThan(before);
  await expect.poll(() => from.at(-1)).toBeGreaterThan(0);
  expect(from).toEqual(from.toSorted((a, b) => a - b));

  await board.drawer.getByRole("tab", { name: "Runs" }).click();
  await panel.getByRole("button", { name: "Cancel…" }).click();
  await home.getByRole("dialog").getByRole("button", { name: "Cancel the run" }).click();
  await ended(board, /cancelled/);
  await expect(panel.getByRole("button", { name: "Cancel…" })).toBeHidden();
  await expect(board.page.locator("[data-card='made']")).toHaveAttribute("data-state", "0");
});
