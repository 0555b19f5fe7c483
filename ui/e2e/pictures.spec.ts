// The pictures of docs/images, taken of the demo under WEIR_PICTURES=1.
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { largeFlow } from "./large";
import { startMeters } from "./meters";
import { api, dress, expect, newestRun, test } from "./weir";

const images = join(import.meta.dirname, "../../docs/images");
const flow = "calback-daily";

test.skip(process.env["WEIR_PICTURES"] !== "1", "WEIR_PICTURES=1 takes the pictures of docs/images");
test.use({ viewport: { width: 1440, height: 900 } });
test.setTimeout(240_000);

/** still waits until nothing loads, and the numbers of the run are there. */
async function still(page: Page): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.mouse.move(2, 2);
}

test("pictures of the demo", async ({ weir, home, context }) => {
  const shoot = async (name: string, page: Page) => {
    await still(page);
    await page.screenshot({ path: join(images, name), animations: "disabled" });
  };
  await expect(home.getByRole("row", { name: /calback-daily/ })).toBeVisible();
  const run = await newestRun(home, flow);
  await startMeters(home);
  await home.reload();
  await expect(home.getByRole("row", { name: /calback-daily/ }).getByRole("link", { name: /succeeded/ })).toHaveCount(1);
  await shoot("home.png", home);
  const at = async (query: string, theme: "light" | "dark", lang: "en" | "ko") => {
    const page = await context.newPage();
    await dress(page, theme, lang);
    await page.goto(`${weir.origin}/flows/${flow}?run=${run}${query}`);
    await page.locator("[data-canvas-ready]").waitFor();
    await expect(page.locator("[data-card][data-state='13']").first()).toBeVisible();
    return page;
  };
  await shoot("canvas-light.png", await at("&drawer=runs", "light", "en"));
  await shoot("canvas-dark.png", await at("&drawer=runs", "dark", "en"));
  await shoot("canvas-ko.png", await at("&drawer=runs", "light", "ko"));
  const nodes = await (await at("", "light", "en")).locator("[data-card]").evaluateAll((all) => all.map((e) => e.getAttribute("data-card")));
  const join_ = nodes.find((n) => /join|enrich|route/.test(n ?? "")) ?? nodes[0];
  const inspector = await at(`&open=${join_}`, "light", "en");
  await expect(inspector.getByRole("complementary", { name: "Inspector" })).toBeVisible();
  await shoot("inspector.png", inspector);
  const runs = await at(`&drawer=runs&item=${run}`, "light", "en");
  await runs.getByRole("region", { name: "Drawer" }).getByRole("row").nth(1).waitFor();
  await shoot("runs.png", runs);

  const queue = await context.newPage();
  await queue.goto(`${weir.origin}/flows/meters?drawer=queue&wire=mark-store`);
  await expect(queue.locator("[data-wire='mark-store'][data-step='full']")).toBeVisible({ timeout: 30_000 });
  const drawer = queue.getByRole("region", { name: "Drawer" });
  await drawer.getByRole("button", { name: "List anew" }).click();
  await drawer.getByRole("row").nth(1).click();
  await expect(drawer.getByText("김민준").first()).toBeVisible();
  await shoot("queue.png", queue);

  await api(home, "POST", "/flows", { doc: largeFlow(2000) });
  await api(home, "POST", "/flows/large-2000/start", {});
  const large = await context.newPage();
  await large.goto(`${weir.origin}/flows/large-2000`);
  await large.locator("[data-canvas-ready]").waitFor();
  await expect(large.getByText("2000 running", { exact: true })).toHaveCount(1, { timeout: 60_000 });
  await shoot("canvas-2000.png", large);
});
