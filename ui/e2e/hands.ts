// What a hand with a mouse does beyond clicking.
import type { Locator, Page } from "@playwright/test";

export interface Spot {
  x: number;
  y: number;
}

/** box is where something is on the screen, in CSS pixels; it must be there. */
export async function box(what: Locator): Promise<Spot & { width: number; height: number }> {
  const b = await what.boundingBox();
  if (b === null) throw new Error(`${what} is not on the screen`);
  return b;
}

/** centre is the middle of something. */
export async function centre(what: Locator): Promise<Spot> {
  const b = await box(what);
  return { x: b.x + b.width / 2, y: b.y + b.height / 2 };
}

/** pull drags from a place to another and calls `before` while the button is still down. */
export async function pull(page: Page, from: Spot, to: Spot, before?: () => Promise<void>): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 5 });
  await page.mouse.move(to.x, to.y, { steps: 5 });
  await before?.();
  await page.mouse.up();
}
