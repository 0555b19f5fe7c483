// What lies over the page: keys stay in it, and Escape closes the topmost first.
import { Board } from "./canvas";
import { meters, startMeters } from "./meters";
import { api, expect, test } from "./weir";

/** behind tells whether the focus is in the page behind what is open; the browser's own bar is not. */
const behind = (over: string): boolean => {
  const el = document.activeElement;
  return el !== null && el !== document.body && el !== document.documentElement && el.closest(over) === null;
};

test("Tab stays in what lies over the page: the palette, the keys, a menu, a question; quick-add closes", async ({ weir, home }) => {
  await api(home, "POST", "/flows", { doc: meters });
  await home.goto(`${weir.origin}/flows/meters`);
  await home.locator("[data-canvas-ready]").waitFor();
  const board = new Board(home);
  const layers: [string, string, () => Promise<void>][] = [
    ["palette", "dialog", () => home.keyboard.press("Control+k")],
    ["keys", "dialog", () => home.keyboard.press("?")],
    ["menu", "[role=menu]", () => home.getByRole("banner").getByRole("button", { name: "More" }).click()],
    ["question", "dialog", () => board.menu("Delete")],
  ];
  for (const [name, over, open] of layers) {
    await board.canvas.focus();
    await open();
    const layer = home.locator(over).last();
    await expect(layer, name).toBeVisible();
    for (const key of [...Array.from({ length: 6 }, () => "Tab"), ...Array.from({ length: 9 }, () => "Shift+Tab")]) {
      await home.keyboard.press(key);
      expect(await home.evaluate(behind, over), `${name}: ${key} leads behind it`).toBe(false);
    }
    await expect(layer, name).toBeVisible();
    await home.keyboard.press("Escape");
    await expect(layer, name).toBeHidden();
  }
  await board.canvas.focus();
  await home.keyboard.press("/");
  const add = home.getByRole("dialog", { name: "Add a processor" });
  await expect(add).toBeVisible();
  await home.keyboard.press("Tab");
  await expect(add).toBeHidden();
  await expect(board.canvas).toBeFocused();
});

test("Escape in the queue drawer takes the question first, then what was typed, and leaves what is open", async ({ weir, home }) => {
  await startMeters(home);
  await home.goto(`${weir.origin}/flows/meters?drawer=queue&wire=mark-store`);
  const board = new Board(home);
  await board.drawer.getByRole("row").nth(1).click();
  const one = board.drawer.getByRole("region", { name: /^FlowFile / });
  await expect(one).toBeVisible();
  await one.getByRole("button", { name: "Delete" }).click();
  await expect(home.getByRole("dialog")).toBeVisible();
  await home.keyboard.press("Escape");
  await expect(home.getByRole("dialog")).toBeHidden();
  await expect(one).toBeVisible();
  const typed = board.drawer.getByRole("searchbox");
  await typed.fill("seen=yes");
  await home.keyboard.press("Escape");
  await expect(typed).toHaveValue("");
  await expect(typed).toBeFocused();
  await expect(one).toBeVisible();
});
