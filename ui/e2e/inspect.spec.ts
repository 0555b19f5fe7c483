import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { Board, textOf } from "./canvas";
import { api, expect, newestRun, test } from "./weir";

const id = "korean-queue";
const people = ["김민수", "이서연", "박지훈"];

/** full makes a continuous flow whose sink stands still, so that its queue fills and holds its source up. */
async function full(page: Page): Promise<Board> {
  const text = people.map((name, i) => JSON.stringify({ id: i + 1, name, city: "서울" })).join("\n");
  const doc = {
    weir: 1, id, mode: "continuous", layout: { made: [0, 0], log: [360, 0] },
    nodes: { made: { kind: "GenerateFlowFile", every: "100ms", settings: { text, attributes: { "mime.type": "application/x-ndjson" } } }, log: { kind: "LogAttribute", terminate: ["failure", "success"] } },
    connections: { "made-log": { from: "made", output: "success", to: "log", limit: { flowfiles: 20 } } },
  };
  await api(page, "POST", "/flows", { doc });
  await api(page, "POST", `/flows/${id}/nodes/start`, { nodes: ["made"] });
  await page.goto(`${new URL(page.url()).origin}/flows/${id}`);
  return new Board(page);
}

test("a queue is opened and a Korean record read every way; one is deleted, then all", async ({ home }) => {
  const board = await full(home);
  await expect(board.wire("made", "log")).toHaveAttribute("data-step", "full", { timeout: 20_000 });

  // Back pressure: the wire is red and the source says what holds it up.
  await expect(board.card("made").getByText("blocked by log")).toBeVisible();

  await board.clickWire("made", "log");
  const list = board.drawer.getByRole("grid", { name: "FlowFiles of the queue" });
  await expect(list.getByRole("row").nth(5)).toBeVisible();
  await list.getByRole("row").nth(1).click();
  const one = board.drawer.getByRole("region", { name: /^FlowFile / });
  await expect(one.getByRole("gridcell", { name: "이서연" })).toBeVisible();

  await one.getByRole("tab", { name: "Columns" }).click();
  await expect(one.getByRole("row", { name: /^city/ })).toContainText("서울");
  await one.getByRole("tab", { name: "JSON" }).click();
  await expect(one.getByText("박지훈")).toBeVisible();
  await one.getByRole("tab", { name: "Hex" }).click();
  await expect(one.getByText(/7b ?22 ?69 ?64/i).first()).toBeVisible();
  await one.getByRole("tab", { name: "Attributes" }).click();
  await expect(one.getByText("number", { exact: true })).toBeVisible();
  // The editor comes late; what stands below it does not move under the mouse.
  let come = () => {};
  const held = new Promise<void>((resolve) => (come = resolve));
  await home.route(/SqlEditor-[^/]*\.js$/, async (route) => {
    await held;
    await route.continue();
  });
  await one.getByRole("tab", { name: "SQL" }).click();
  const query = one.getByRole("button", { name: "Run query" });
  await expect(query).toBeVisible();
  const place = await query.boundingBox();
  come();
  await expect(one.getByRole("textbox", { name: /^SELECT over/ })).toContainText("select * from queue");
  expect(await query.boundingBox()).toEqual(place);
  await query.click();
  await expect(one.getByRole("grid", { name: "Result" }).getByRole("gridcell", { name: "김민수" })).toBeVisible();

  const [file] = await Promise.all([home.waitForEvent("download"), one.getByRole("link", { name: "Download" }).click()]);
  expect((await textOf(file)).split("\n").map((line) => (JSON.parse(line) as { name: string }).name)).toEqual(people);

  // The source makes one at a time and none while 20 lie there; it stands still
  // from here on, so that nothing takes the place of what is deleted.
  await api(home, "POST", `/flows/${id}/nodes/stop`, { nodes: ["made"] });
  await expect(board.card("made")).toHaveAttribute("aria-label", /stopped/);
  const queued = async () => (await api<{ items: { id: string }[] }>(home, "GET", `/flows/${id}/connections/made-log/queue?limit=100`)).items.map((f) => f.id);
  const before = await queued();
  expect(before).toHaveLength(20);
  const left = board.drawer.getByText(/^\d+ FlowFiles · /);
  await expect(left).toHaveText(/^20 FlowFiles · /);
  const gone = /^FlowFile (.+)$/.exec(await one.getAttribute("aria-label") ?? "")?.[1];
  expect(gone, "the first of the list is open").toBe(before[0]);
  await one.getByRole("button", { name: "Delete…" }).click();
  await home.getByRole("dialog").getByRole("button", { name: "Delete it" }).click();
  await expect(home.getByRole("dialog")).toBeHidden();
  await expect(one).toBeHidden();
  await expect(left).toHaveText(/^19 FlowFiles · /);
  expect(await queued()).toEqual(before.slice(1));

  await board.drawer.getByRole("button", { name: "Empty…" }).click();
  const ask = home.getByRole("dialog");
  await ask.getByRole("button", { name: /^Delete \d+ FlowFiles/ }).click();
  await expect(ask.getByText(/FlowFiles deleted/)).toBeVisible();
  await ask.getByRole("button", { name: "Done" }).click();
  await expect(board.drawer.getByText("This queue is empty.")).toBeVisible();
  await expect(board.wire("made", "log")).toHaveAttribute("data-step", "calm");
});

test("an empty queue of a run leads to what was written, which is read and downloaded by keys", async ({ home, weir }) => {
  await api(home, "POST", "/runs", { flow: "calback-users", slot: "2026-11-20" });
  const run = await newestRun(home, "calback-users");
  await home.goto(`${weir.origin}/flows/calback-users`);
  const board = new Board(home);
  // Between its end, which can be taken, and its middle, which offers to take a node.
  const at = await board.wire("users", "csv").locator("path").last().evaluate((path: SVGPathElement) => {
    const p = path.getPointAtLength(path.getTotalLength() * 0.36).matrixTransform(path.getScreenCTM() ?? undefined);
    return { x: p.x, y: p.y };
  });
  await home.mouse.click(at.x, at.y);
  await expect(board.drawer.getByText("All 400 rows (1 FlowFile) went on in this run.")).toBeVisible();
  await board.drawer.getByRole("button", { name: "Read what was written" }).press("Enter");

  const key = "out/dt=2026-11-20/users.csv";
  const disk = readFileSync(join(weir.data, "files", key));
  const read = board.drawer.getByRole("region", { name: key });
  await expect(read.getByRole("gridcell", { name: /@example\./ }).first()).toBeVisible();
  const { columns, rows } = await api<{ columns: { name: string }[]; rows: string[][] }>(home, "GET", `/runs/${run}/outputs/csv/records?limit=1000`);
  expect(rows).toHaveLength(400);
  // A name of the file is found in the table by arrow keys alone.
  const column = columns.findIndex((c) => c.name === "name");
  const row = rows.findIndex((r) => /^[가-힣]{2,4}$/.test(r[column] ?? ""));
  const name = rows[row]?.[column] ?? "";
  expect(disk.toString("utf8")).toContain(`,${name},`);
  await read.getByRole("grid", { name: "Records" }).press("ArrowRight");
  for (let i = 1; i < column; i++) await home.keyboard.press("ArrowRight");
  for (let i = 0; i < row; i++) await home.keyboard.press("ArrowDown");
  await expect(read.getByRole("gridcell", { name, exact: true }).first()).toBeVisible();
  await expect(read.getByRole("region", { name: `name, row ${row + 1}` })).toContainText(name);

  const sum = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest("hex");
  const download = read.getByRole("link", { name: `Download ${key}` });
  const [file] = await Promise.all([home.waitForEvent("download"), download.press("Enter")]);
  expect(file.suggestedFilename()).toBe("users.csv");
  expect(sum(readFileSync(await file.path()))).toBe(sum(disk));

  // The list says where it lies; the focus is where one came from.
  await read.getByRole("button", { name: "All outputs" }).press("Enter");
  const outputs = board.drawer.getByRole("region", { name: "Run 2026-11-20" });
  await expect(outputs.getByText(`below ${join(weir.data, "files")}`)).toBeVisible();
  await expect(outputs.getByRole("button", { name: `Copy ${join(weir.data, "files", key)}` })).toBeVisible();
  await expect(outputs.getByRole("button", { name: `Read ${key}` })).toBeFocused();
});
