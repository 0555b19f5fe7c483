// How a screen is tried: by axe, and by a picture of it compared with the one kept.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, type BrowserContextOptions, expect, type Page } from "@playwright/test";
import { png, shrunk } from "./png";

/** Dress is a theme and a language. */
export type Dress = readonly [theme: "light" | "dark", lang: "en" | "ko"];

/** dresses are all, in an order that changes one thing at a time. */
export const dresses: readonly Dress[] = [["light", "en"], ["dark", "en"], ["dark", "ko"], ["light", "ko"]];

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** faults are what axe finds on the page, a line each. */
export async function faults(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  return page.evaluate(async () => {
    type Told = { message: string }[];
    type Found = { violations: { id: string; nodes: { target: string[]; html: string; any: Told; all: Told; none: Told }[] }[] };
    const { axe } = window as unknown as { axe: { run(on: Document, how: object): Promise<Found> } };
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
    const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
    return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}: ${n.html.slice(0, 160)}: ${[...n.any, ...n.all, ...n.none][0]?.message ?? ""}`));
  });
}

/** wear gives the open page another theme and language, as a choice in another tab does. */
export async function wear(page: Page, [theme, lang]: Dress): Promise<void> {
  await page.evaluate((choice) => {
    for (const [key, value] of Object.entries(choice)) {
      if (localStorage.getItem(key) === value) continue;
      localStorage.setItem(key, value);
      dispatchEvent(new StorageEvent("storage", { key, newValue: value }));
    }
  }, { "weir.theme": theme, "weir.lang": lang });
  const html = page.locator("html");
  await expect(html).toHaveAttribute("data-theme", theme);
  await expect(html).toHaveAttribute("lang", lang);
}

/** settled waits until the page has stood still for a while. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator("html[data-stale], [aria-busy=true]")).toHaveCount(0);
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise<void>((done) => {
      let timer = 0;
      const again = () => {
        clearTimeout(timer);
        timer = window.setTimeout(finish, 150);
      };
      // Live numbers come each second: they are text, and are let pass.
      const watch = new MutationObserver(again);
      const finish = () => {
        watch.disconnect();
        done();
      };
      watch.observe(document.body, { childList: true, subtree: true });
      again();
    });
  });
}

// What no two runs share is covered, in the picture alone: numbers, times and
// ids become noughts of one width, and what is drawn of the last minutes is not
// shown. Text that changes meanwhile is covered before it is painted.
const cover = () => {
  const rules: [RegExp, string][] = [
    [/\b(?=[A-Z]*\d)[0-9A-HJKMNP-TV-Z]{8,26}\b/g, "00000000"],
    [/\d[\d.,]*\s?(?:k|M|G|T)?B\b/g, "0 kB"],
    [/\d[\d.,]*\s?(?:µs|ms|s|min|h|d)\b/g, "0 s"],
    [/\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:AM|PM)?/g, "00:00"],
    [/\d{4}-\d{2}-\d{2}/g, "0000-00-00"],
    [/\d[\d.,]*(?:[kMG]\b)?/g, "0"],
    [/\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b(?= 0)/g, "Nov"],
    [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b(?=,)/g, "Mon"],
    [/\((?:일|월|화|수|목|금|토)\)/g, "(월)"],
    [/오전|오후/g, "오전"],
  ];
  const plain = (text: string) => rules.reduce((t, [from, to]) => t.replace(from, to), text);
  const was = new Map<Text, string>();
  const inputs: HTMLInputElement[] = [];
  const still = (node: Node): void => {
    if (node instanceof Text) {
      if (node.parentElement?.closest("textarea, script, style") != null) return;
      // A rate fades to a dash some time after the last FlowFile.
      const next = node.parentElement?.closest("td") != null && /^\d[\d.,]*[kM]?\/\S+$/.test(node.data) ? "–" : plain(node.data);
      if (next === node.data) return;
      was.set(node, node.data);
      node.data = next;
      return;
    }
    if (node instanceof HTMLInputElement && /\d[-:]\d|[0-9A-Z]{20}/.test(node.value)) {
      node.style.color = "transparent";
      inputs.push(node);
    }
    node.childNodes.forEach(still);
  };
  still(document.body);
  const watch = new MutationObserver((changes) => {
    for (const c of changes) {
      if (c.type === "characterData") still(c.target);
      else c.addedNodes.forEach(still);
    }
  });
  watch.observe(document.body, { characterData: true, childList: true, subtree: true });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { caret-color: transparent !important; scrollbar-width: none !important; } [data-moves], .uplot { visibility: hidden !important; }");
  document.adoptedStyleSheets.push(sheet);
  Object.assign(window, { uncover: () => {
    watch.disconnect();
    for (const [node, text] of was) if (node.data === plain(text) || node.data === "–") node.data = text;
    for (const input of inputs) input.style.color = "";
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== sheet);
  } });
};
const uncover = () => (window as unknown as { uncover(): void }).uncover();

/** How many pixels of the screen make one of a picture, each way. */
const coarse = 3;

/** Darkroom makes pictures, and makes them small, so that hairs of fonts do not count. */
export class Darkroom {
  private constructor(private readonly page: Page) {}

  static async open(browser: Browser): Promise<Darkroom> {
    return new Darkroom(await browser.newPage());
  }

  /** picture is what the page shows, each pixel the mean of a square of it. */
  async picture(page: Page): Promise<Buffer> {
    await page.evaluate(cover);
    const full = await page.screenshot({ animations: "disabled", caret: "hide" });
    await page.evaluate(uncover);
    const small = shrunk(full, coarse);
    return png(small.rgb, small.width);
  }

  /** lacksFont tells whether the pictures' Korean font is not on this machine: another's shapes are no fault of the page. */
  async lacksFont(): Promise<boolean> {
    return this.page.evaluate(() => new FontFace("probe", "local('Noto Sans CJK KR'), local('NotoSansCJKkr-Regular')").load().then(() => false, () => true));
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

/** viewer opens a context in which every machine shows the same. */
export function viewer(browser: Browser, more: BrowserContextOptions = {}): Promise<BrowserContext> {
  return browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", locale: "en-US", timezoneId: "Asia/Seoul", ...more });
}
