// Every screen in each theme and language is clean by axe's rules.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { startMeters } from "./meters";
import { dress, expect, newestRun, test } from "./weir";

type Screen = { name: string; path: string; ready: string; act?: (page: Page) => Promise<void> };

const screens = (run: string): Screen[] => [
  { name: "home", path: "/", ready: "h1" },
  { name: "new flow", path: "/", ready: "h1", act: async (p) => {
    await p.getByRole("button", { name: /New flow|새 플로/ }).first().click();
    await p.getByRole("dialog").waitFor();
  } },
  { name: "canvas", path: "/flows/calback-daily", ready: "[data-card]" },
  { name: "canvas of a run", path: `/flows/calback-daily?run=${run}`, ready: "[data-card][data-state='13']" },
  { name: "canvas under pressure", path: "/flows/meters", ready: "[data-wire='mark-store'][data-step='full']" },
  { name: "inspector, properties", path: "/flows/calback-daily?open=join", ready: "aside [role=tabpanel][data-state=active]" },
  { name: "inspector, ports", path: "/flows/calback-daily?open=join&tab=ports", ready: "aside [role=tabpanel][data-state=active]" },
  { name: "inspector, scheduling", path: "/flows/calback-daily?open=join&tab=scheduling", ready: "aside [role=tabpanel][data-state=active]" },
  { name: "inspector, docs", path: "/flows/calback-daily?open=join&tab=docs", ready: "aside [role=tabpanel][data-state=active]" },
  { name: "inspector, schema", path: "/flows/calback-daily?open=users", ready: "aside [role=tabpanel][data-state=active]" },
  { name: "inspector of a wire", path: "/flows/meters?open=wire:mark-store", ready: "aside" },
  { name: "quick-add", path: "/flows/meters", ready: "[data-card]", act: async (p) => {
    await p.locator(".react-flow__pane").dblclick({ position: { x: 300, y: 60 } });
    await p.getByRole("dialog").waitFor();
  } },
  { name: "command palette", path: "/flows/meters", ready: "[data-card]", act: async (p) => {
    await p.keyboard.press("Control+k");
    await p.getByRole("dialog").waitFor();
  } },
  { name: "runs", path: `/flows/calback-daily?drawer=runs&run=${run}&item=${run}`, ready: "section [role=tablist]" },
  { name: "queues", path: "/flows/meters?drawer=queue", ready: "section table" },
  { name: "queue", path: "/flows/meters?drawer=queue&wire=mark-store", ready: "section [role=tablist]" },
  { name: "FlowFile", path: "/flows/meters?drawer=queue&wire=mark-store", ready: "section [role=tablist]", act: async (p) => {
    await p.locator("section [role=row]").nth(1).click();
    await p.getByText("김민준").first().waitFor();
  } },
  { name: "parked", path: "/flows/calback-daily?drawer=parked", ready: "section [role=tablist]" },
  { name: "bulletins", path: "/flows/calback-daily?drawer=bulletins", ready: "section [role=tablist]" },
  { name: "logs", path: `/flows/calback-daily?drawer=logs&run=${run}`, ready: "section [role=tablist]" },
  { name: "problems", path: "/flows/calback-daily?drawer=problems", ready: "section [role=tablist]" },
  { name: "parameters", path: "/flows/calback-daily/parameters", ready: "main h2, main table" },
  { name: "services", path: "/flows/calback-daily/services", ready: "main" },
  { name: "versions", path: "/flows/calback-daily/versions", ready: "main" },
  { name: "settings", path: "/settings", ready: "main" },
  { name: "connect", path: "/connect", ready: "main" },
];

// Each theme and each language once: contrast hangs on the one, names on the other.
const dresses = [["light", "en"], ["dark", "ko"]] as const;

/** faults are what axe finds on the page, short. */
async function faults(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]).analyze();
  return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}: ${n.html.slice(0, 160)}: ${n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? ""}`));
}

test.setTimeout(150_000);

for (const [theme, lang] of dresses) {
  test(`every screen is clean by axe, ${theme}, ${lang}`, async ({ weir, home, browser }) => {
    const run = await newestRun(home, "calback-daily");
    await startMeters(home);
    const context = await browser.newContext({ storageState: await home.context().storageState(), viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    const page = await context.newPage();
    page.setDefaultTimeout(8_000);
    await dress(page, theme, lang);
    for (const s of screens(run)) {
      await page.goto(weir.origin + s.path);
      await page.locator(s.ready).first().waitFor();
      await s.act?.(page);
      expect.soft(await faults(page), s.name).toEqual([]);
    }
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
    await expect(page.locator("html")).toHaveAttribute("lang", lang);
    await context.close();
    const stranger = await browser.newContext({ reducedMotion: "reduce" });
    const login = await stranger.newPage();
    await dress(login, theme, lang);
    await login.goto(weir.origin);
    await login.getByText("weir url").waitFor();
    expect.soft(await faults(login), "login").toEqual([]);
    await stranger.close();
  });
}
