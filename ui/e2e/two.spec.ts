// Two people with one flow open at once.
import type { Browser, Page } from "@playwright/test";
import { Board } from "./canvas";
import { meters } from "./meters";
import { api, expect, test, type Weir } from "./weir";

/** both opens the flow in two browsers that share nothing but the server. */
async function both(weir: Weir, home: Page, browser: Browser): Promise<[Board, Board]> {
  await api(home, "POST", "/flows", { doc: meters });
  const { url } = await api<{ url: string }>(home, "POST", "/session/link", {});
  const other = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await other.goto(url);
  for (const page of [home, other]) {
    await page.goto(`${weir.origin}/flows/meters`);
    await page.locator("[data-canvas-ready]").waitFor();
  }
  for (const page of [home, other]) await expect(page.getByTitle(/has this flow open too/)).toHaveCount(1);
  return [new Board(home), new Board(other)];
}

const title = (board: Board) => board.inspector.getByRole("textbox", { name: "Name" }).first();

/** rename gives the open node another name. */
async function rename(board: Board, name: string): Promise<void> {
  await title(board).fill(name);
  await title(board).press("Enter");
}

test("each sees what the other does within a second, and who is there", async ({ weir, home, browser }) => {
  const [a, b] = await both(weir, home, browser);
  await a.open("Mark");
  await rename(a, "Marked by one");
  await expect(b.card("Marked by one")).toBeVisible({ timeout: 1_000 });
  await b.open("Store");
  await rename(b, "Stored by two");
  await expect(a.card("Stored by two")).toBeVisible({ timeout: 1_000 });
  await Promise.all([a.saved(), b.saved()]);
  await b.page.context().close();
  await expect(a.page.getByTitle(/has this flow open too/)).toHaveCount(0);
});

test("changes of one field that meet are both kept, shown and settled", async ({ weir, home, browser }) => {
  const [a, b] = await both(weir, home, browser);
  await a.open("Mark");
  await b.open("Mark");
  await b.page.context().setOffline(true);
  await rename(b, "Name of two");
  await rename(a, "Name of one");
  await a.saved();
  await b.page.context().setOffline(false);
  const met = b.page.getByRole("region", { name: "Changes that met" });
  await expect(met).toContainText("Name of two");
  await expect(met).toContainText("Name of one");
  await expect(b.card("Name of one")).toBeVisible();
  await met.getByRole("button", { name: "Take mine" }).click();
  await expect(met).toBeHidden();
  await expect(a.card("Name of two")).toBeVisible();
});

test("an undo whose target somebody changed is refused, with the reason", async ({ weir, home, browser }) => {
  const [a, b] = await both(weir, home, browser);
  await a.open("Mark");
  await rename(a, "First name");
  await a.saved();
  await expect(b.card("First name")).toBeVisible();
  await b.open("First name");
  await rename(b, "Second name");
  await expect(a.card("Second name")).toBeVisible();
  await a.canvas.locator(".react-flow__pane").click({ position: { x: 400, y: 60 } });
  await a.page.keyboard.press("Control+z");
  await expect(a.page.getByText(/^Not undone: .* changed the same since/)).toBeVisible();
  await expect(a.card("Second name")).toBeVisible();
});

test("a node that the other has selected is renamed under it, and what is typed into it is kept", async ({ weir, home, browser }) => {
  const [a, b] = await both(weir, home, browser);
  await b.open("Mark");
  await a.open("Mark");
  await rename(a, "Marked anew");
  await expect(title(b)).toHaveValue("Marked anew");
  await expect(b.card("Marked anew")).toBeVisible();
  await expect(b.page).toHaveURL(/open=mark\b/);
  await expect(b.page.locator(".react-flow__node.selected")).toHaveCount(1);
  // Who has it selected goes on editing it; a name being typed is not written over.
  await title(b).fill("Half a na");
  await rename(a, "Marked again");
  await a.saved();
  await expect(b.card("Marked again")).toBeVisible();
  await expect(title(b)).toHaveValue("Half a na");
  await b.page.keyboard.press("Escape");
  await expect(title(b)).toHaveValue("Marked again");
});
