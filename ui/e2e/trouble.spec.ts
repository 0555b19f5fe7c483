// What goes wrong: FlowFiles that are parked, bulletins, a part of the page that
// breaks; and the way there in the inspector.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Board } from "./canvas";
import { api, expect, test, type Weir } from "./weir";

/** taken puts files where folders are wanted: writing below them fails. */
function taken(weir: Weir, ...names: string[]): void {
  mkdirSync(join(weir.data, "files"), { recursive: true });
  for (const name of names) writeFileSync(join(weir.data, "files", name), "a file");
}

/** letters are put in folders by their number. */
const letters = (id: string, more: object) => ({
  weir: 1, id,
  nodes: {
    made: { kind: "GenerateFlowFile", name: "Letters", settings: { count: 3, text: "안녕", attributes: { filename: "letter.txt" } } },
    address: { kind: "UpdateAttribute", name: "Address", settings: { set: { folder: "box${number}" } }, terminate: ["failure"] },
    put: { kind: "WriteFile", name: "Put", settings: { path: "${folder}/${filename}" }, terminate: ["success", "failure"] },
  },
  connections: { "made-address": { from: "made", output: "success", to: "address" }, "address-put": { from: "address", output: "success", to: "put" } },
  layout: { made: [0, 0], address: [296, 0], put: [592, 0] },
  ...more,
});

test("what is parked says why; one is mended and tried again, one given up", async ({ home, weir }) => {
  taken(weir, "box2", "box3");
  await api(home, "POST", "/flows", { doc: letters("letters", { mode: "runs", policy: { retries: 1, retry_delay: "0s" } }) });
  await home.goto(`${weir.origin}/flows/letters?drawer=runs`);
  const board = new Board(home);
  await board.run("failed");
  await expect(home.locator("[data-card='put']")).toHaveAttribute("data-state", "14");
  await board.drawer.getByRole("button", { name: "2 parked" }).click();
  const list = board.drawer.getByRole("grid", { name: "Parked FlowFiles" });
  await expect(list.getByRole("row")).toHaveCount(3);
  await list.getByRole("row").nth(2).click();
  const one = board.drawer.getByRole("region", { name: /^FlowFile / });
  await expect(one.getByText(/box3\/letter\.txt/)).toBeVisible();
  await expect(one.getByRole("term").filter({ hasText: "Tries" }).locator("+ dd")).toHaveText("1");
  await one.getByRole("button", { name: "Discard…" }).click();
  await home.getByRole("dialog").getByRole("button", { name: "Discard", exact: true }).click();
  await expect(list.getByRole("row")).toHaveCount(2);

  await list.getByRole("row").nth(1).click();
  await expect(one.getByText(/box2\/letter\.txt/)).toBeVisible();
  await one.getByRole("tab", { name: "Attributes" }).click();
  const folder = one.getByRole("textbox", { name: "Value of folder" });
  await folder.fill("다른 상자");
  await one.getByRole("button", { name: "Save" }).click();
  await expect(one.getByRole("button", { name: "Save" })).toBeDisabled();
  await one.getByRole("button", { name: "Retry" }).click();
  await home.getByRole("dialog").getByRole("button", { name: "Retry" }).click();
  await expect(board.drawer.getByText("Nothing is parked.")).toBeVisible();

  // The run goes on to its end; what was given up makes it partial.
  await board.drawer.getByRole("tab", { name: "Runs" }).click();
  const run = board.drawer.getByRole("region", { name: /^Run / });
  await expect(run.getByText("partial", { exact: true }).first()).toBeVisible({ timeout: 30_000 });
  await run.getByRole("tab", { name: /^Outputs/ }).click();
  await expect(run.getByRole("cell", { name: "다른 상자/letter.txt" })).toBeVisible();
});

test("a failing node of a continuous flow tells it at the card, in its tab and in the drawer", async ({ home, weir }) => {
  taken(weir, "box1");
  await api(home, "POST", "/flows", { doc: letters("post", { mode: "continuous", nodes: {
    made: { kind: "GenerateFlowFile", name: "Letters", every: "1s", settings: { text: "안녕", attributes: { filename: "letter.txt" } } },
    address: { kind: "UpdateAttribute", name: "Address", settings: { set: { folder: "box1" } }, terminate: ["failure"] },
    put: { kind: "WriteFile", name: "Put", penalty: "1s", settings: { path: "${folder}/${filename}" }, terminate: ["success", "failure"] },
  } }) });
  await api(home, "POST", "/flows/post/start", {});
  await home.goto(`${weir.origin}/flows/post`);
  const board = new Board(home);
  const badge = home.locator("[data-card='put'] [data-leads='bulletins']");
  await expect(badge).toBeVisible({ timeout: 30_000 });
  await badge.click();
  // The badge leads to its node's bulletins.
  const told = board.drawer.getByRole("grid", { name: "Bulletins of this flow" });
  await expect(told.getByRole("row").filter({ hasText: "box1/letter.txt" }).first()).toBeVisible();
  const which = board.drawer.getByRole("combobox", { name: "Node" });
  await expect(which).toHaveValue("put");
  await which.selectOption("Letters");
  await expect(board.drawer.getByText("No bulletins of this node.")).toBeVisible();
  await board.drawer.getByRole("button", { name: "Show those of all nodes" }).click();
  await expect(told).toBeVisible();
  await board.inspector.getByRole("tab", { name: "Runs" }).click();
  await expect(board.inspector.getByRole("list", { name: "Bulletins of this flow" })).toContainText("box1/letter.txt");
});

test("the inspector opens where one is wanted: at the problem, at the properties of what is new, else where one was", async ({ home }) => {
  const board = await Board.make(home, "Tabs");
  await board.quickAdd("GenerateFlowFile", { x: 200, y: 200 });
  const card = (kind: string) => board.canvas.getByRole("group", { name: new RegExp(kind) });
  const tab = (name: RegExp) => board.inspector.getByRole("tab", { name });
  await expect(tab(/^Properties/)).toHaveAttribute("aria-selected", "true");
  await tab(/^Ports/).click();
  // What is new begins at its properties, whatever was open.
  await board.quickAdd("UpdateAttribute", { x: 520, y: 200 });
  await expect(tab(/^Properties/)).toHaveAttribute("aria-selected", "true");
  await tab(/^Scheduling/).click();
  // Each kind has its own; Ports was chosen for the first.
  await card("GenerateFlowFile").click({ position: { x: 100, y: 20 } });
  await expect(tab(/^Ports/)).toHaveAttribute("aria-selected", "true");
  await card("UpdateAttribute").click({ position: { x: 100, y: 20 } });
  await expect(tab(/^Scheduling/)).toHaveAttribute("aria-selected", "true");
  // A link or a reload shows the same.
  await home.reload();
  await expect(tab(/^Scheduling/)).toHaveAttribute("aria-selected", "true");

  // A problem, at the card or in the list, leads to where it is mended.
  await home.locator("[data-leads='problem']").first().click();
  await expect(board.inspector.getByRole("tab", { selected: true })).toHaveText(/^Ports[1-9]/);
  await board.page.getByRole("banner").getByRole("button", { name: /problem/ }).click();
  await tab(/^Docs/).click();
  await board.drawer.getByRole("listitem").getByRole("button").first().click();
  await expect(board.inspector.getByRole("tab", { selected: true })).toHaveText(/^Ports[1-9]/);

  // Several: what can be done with them, and which they are.
  await board.canvas.focus();
  await home.keyboard.press("Control+a");
  await expect(board.inspector.getByRole("heading", { name: "2 nodes" })).toBeVisible();
  await board.inspector.getByRole("button", { name: "Align top" }).click();
  const tops = () => home.locator("[data-card]").evaluateAll((all) => new Set(all.map((e) => Math.round(e.getBoundingClientRect().top))).size);
  await expect.poll(tops).toBe(1);
  await board.inspector.getByRole("button", { name: /update/i }).click();
  await expect(tab(/^Properties/)).toBeVisible();
});

test("a part that breaks leaves the rest, and is loaded again", async ({ home, weir }) => {
  await home.goto(`${weir.origin}/flows/calback-daily`);
  const board = new Board(home);
  await expect(board.canvas).toBeVisible();
  // The server answers what no page expects.
  await home.route(/\/api\/v1\/runs\?/, (route) => route.fulfill({ json: { runs: [null] } }));
  await home.keyboard.press("g");
  await home.keyboard.press("r");
  const broken = board.drawer.getByRole("alert", { name: "Runs: this part broke" });
  await expect(broken).toBeVisible();
  await expect(board.canvas).toBeVisible();
  await board.card("Read users").click({ position: { x: 100, y: 20 } });
  await expect(board.inspector.getByRole("tab", { name: "Docs" })).toBeVisible();
  await broken.getByText("Details", { exact: true }).click();
  await expect(broken.locator("pre")).toContainText("TypeError");
  await home.unroute(/\/api\/v1\/runs\?/);
  await broken.getByRole("button", { name: "Reload this part" }).click();
  await expect(board.drawer.getByRole("grid", { name: "Runs of this flow" })).toBeVisible();
});
