// The open page while the server works, dies and comes back.
import type { Page } from "@playwright/test";
import { Board } from "./canvas";
import { startMeters } from "./meters";
import { api, expect, test } from "./weir";

/** handed is what a card says that it has passed on. */
const handed = (page: Page, id: string) => page.locator(`[data-card='${id}'] b`).nth(1);

test("a killed server shows as stale, and all goes on when it is back", async ({ weir, home }) => {
  await startMeters(home);
  await home.goto(`${weir.origin}/flows/meters?open=mark`);
  const board = new Board(home);
  await expect(home.getByText(/^live /)).toBeVisible();
  await weir.kill();
  await expect(home.getByText(/stale/)).toBeVisible();
  await expect(home.locator("html")).toHaveAttribute("data-stale", "");
  await expect.poll(() => handed(home, "mark").evaluate((e) => {
    let seen = 1;
    for (let at: Element | null = e; at !== null; at = at.parentElement) seen *= Number(getComputedStyle(at).opacity);
    return seen;
  })).toBeLessThan(0.9);
  const name = board.inspector.getByRole("textbox", { name: "Name" }).first();
  await name.fill("Named while away");
  await name.press("Enter");
  await expect(home.getByText(/^Not saved/)).toBeVisible();
  await weir.start();
  await expect(home.getByText(/^live /)).toBeVisible({ timeout: 40_000 });
  await expect(home.locator("html")).not.toHaveAttribute("data-stale", "");
  await expect(board.card("Named while away")).toBeVisible();
  await expect.poll(async () => {
    const { doc } = await api<{ doc: { nodes: Record<string, { name?: string }> } }>(home, "GET", "/flows/meters/draft");
    return doc.nodes["mark"]?.name;
  }).toBe("Named while away");
});

test("a full wire shows, and who blocks whom, until the store starts", async ({ weir, home }) => {
  await startMeters(home);
  await home.goto(`${weir.origin}/flows/meters`);
  const board = new Board(home);
  await expect(home.locator("[data-wire='mark-store']")).toHaveAttribute("data-step", "full", { timeout: 30_000 });
  await expect(board.card("Mark")).toContainText("blocked by Store");
  await board.card("Store").click({ position: { x: 100, y: 20 } });
  await home.keyboard.press("Space");
  await expect(board.card("Store")).toHaveAttribute("data-state", "1");
  await expect(home.locator("[data-wire='mark-store']")).not.toHaveAttribute("data-step", "full", { timeout: 30_000 });
  const before = await handed(home, "mark").textContent();
  await expect(handed(home, "mark")).not.toHaveText(before ?? "");
  await home.keyboard.press("Space");
  await expect(board.card("Store")).toHaveAttribute("data-state", "0");
});
