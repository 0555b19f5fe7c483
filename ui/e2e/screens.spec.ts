// Every screen in each theme and language: clean by axe, and looking as it did.
// `npx playwright test --config ui/playwright.config.ts screens --update-snapshots`
// keeps the pictures anew; WEIR_SCREENS=queue,runs tries those alone.
import type { Browser, BrowserContext } from "@playwright/test";
import { Darkroom, dresses, faults, settled, viewer, wear } from "./looks";
import { fresh, furnished, locked, type Screen, strange } from "./screens";
import { dress, expect, test, Weir } from "./weir";
import { furnish } from "./yard";

test.describe.configure({ timeout: 600_000, mode: "parallel" });

/** Difference allowed, of colour per pixel and of pixels that differ by more: as much as another Chromium or a longer date makes. */
const near = { threshold: 0.08, maxDiffPixelRatio: 0.008 };

const some = process.env["WEIR_SCREENS"]?.split(",");

/** tried visits each screen once and dresses it in place. */
async function tried(browser: Browser, context: BrowserContext, origin: string, screens: readonly Screen[]): Promise<void> {
  const room = await Darkroom.open(browser);
  const fonts = !(await room.lacksFont());
  if (!fonts) {
    const what = "Noto Sans CJK KR is not installed: PICTURES OF THE SCREENS ARE NOT COMPARED HERE (apt-get install fonts-noto-cjk)";
    expect(process.env["CI"], what).not.toBe("true");
    process.stderr.write(`\n${what}\n\n`);
  }
  for (const screen of screens.filter((s) => some?.includes(s.name) !== false)) {
    await test.step(screen.name, async () => {
      const page = await context.newPage();
      page.setDefaultTimeout(10_000);
      await dress(page, "light", "en");
      await page.goto(origin + screen.path);
      await page.locator(screen.ready).first().waitFor();
      await screen.act?.(page);
      for (const worn of dresses) {
        await wear(page, worn);
        await settled(page);
        const name = `${screen.name}-${worn.join("-")}`;
        expect.soft(await faults(page), name).toEqual([]);
        if (fonts) expect.soft(await room.picture(page), name).toMatchSnapshot(`${name}.png`, near);
      }
      await page.close();
    });
  }
  await room.close();
}

for (const [where, screens] of Object.entries(furnished)) {
  test(`screens: ${where}`, async ({ weir, home, browser }) => {
    const yard = await furnish(home);
    const context = await viewer(browser, { storageState: await home.context().storageState() });
    await tried(browser, context, weir.origin, screens(yard));
    await context.close();
  });
}

test("screens: a server with nothing on it, and signing in", async ({ browser }) => {
  const weir = new Weir();
  await weir.start("bare");
  try {
    const stranger = await viewer(browser);
    await tried(browser, stranger, weir.origin, strange);
    const context = await viewer(browser);
    await (await context.newPage()).goto(weir.link);
    await tried(browser, context, weir.origin, fresh);
    weir.tell(["password", "set"], "a long enough password");
    await tried(browser, stranger, weir.origin, locked);
  } finally {
    await weir.kill();
    weir.remove();
  }
});
