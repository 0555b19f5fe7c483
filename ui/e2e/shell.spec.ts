// The frame round the canvas: what is open, where keys lead, and what fits.
import type { Page } from "@playwright/test";
import { Board } from "./canvas";
import { expect, test, type Weir } from "./weir";

const daily = "flows/calback-daily";

/** open opens the demo's flow, at a part of it. */
async function open(weir: Weir, home: Page, place = ""): Promise<Board> {
  await home.goto(`${weir.origin}/${daily}${place}`);
  await home.locator("[data-canvas-ready]").waitFor();
  return new Board(home);
}

const heading = (board: Board) => board.inspector.getByRole("textbox", { name: "Name" }).first();

test("the inspector follows what is selected, and Escape closes it before it clears the selection", async ({ weir, home }) => {
  const board = await open(weir, home);
  await board.open("Read users");
  await expect(heading(board)).toHaveValue("Read users");
  await board.card("Raw events").click({ button: "right", position: { x: 100, y: 20 } });
  await expect(home.getByRole("menu")).toBeVisible();
  await home.keyboard.press("Escape");
  await expect(home.getByRole("menu")).toBeHidden();
  await expect(heading(board)).toHaveValue("Raw events");
  await expect(home).toHaveURL(/open=raw-events/);

  await home.keyboard.press("Escape");
  await expect(board.inspector).toBeHidden();
  await expect(board.canvas).toBeFocused();
  await expect(home.locator(".react-flow__node.selected")).toHaveCount(1);
  await home.keyboard.press("Escape");
  await expect(home.locator(".react-flow__node.selected")).toHaveCount(0);
});

test("Escape in the inspector closes it and gives the focus back to the canvas; a field that is typed in comes first", async ({ weir, home }) => {
  const board = await open(weir, home);
  await board.open("Read users");
  await heading(board).fill("Something else");
  await home.keyboard.press("Escape");
  await expect(heading(board)).toHaveValue("Read users");
  await home.keyboard.press("Escape");
  await expect(board.inspector).toBeHidden();
  await expect(board.canvas).toBeFocused();
  await board.open("Read users");
  await board.inspector.getByRole("button", { name: "Close" }).click();
  await expect(board.canvas).toBeFocused();
});

test("a card that is open and not selected is marked", async ({ weir, home }) => {
  const board = await open(weir, home, "?open=join");
  const card = board.canvas.locator("[data-card=join]");
  await expect(card).toHaveAttribute("data-open", "");
  await card.click({ position: { x: 100, y: 20 } });
  await expect(card).not.toHaveAttribute("data-open", "");
});

test("a flow that was fitted is fitted again when a panel takes room, one that was moved is not", async ({ weir, home }) => {
  const board = await open(weir, home);
  const last = board.card("Local warehouse");
  const seen = async () => {
    const room = await board.canvas.boundingBox();
    const box = await last.boundingBox();
    return room !== null && box !== null && box.x + box.width <= room.x + room.width && box.y + box.height <= room.y + room.height;
  };
  await expect.poll(seen).toBe(true);
  await board.open("Read users");
  await expect.poll(seen).toBe(true);
  await board.inspector.getByRole("button", { name: "Close" }).click();
  await board.canvas.hover({ position: { x: 300, y: 30 } });
  await home.mouse.down();
  await home.mouse.move(700, 120, { steps: 4 });
  await home.mouse.up();
  const moved = await board.card("Read users").boundingBox();
  await board.open("Raw users");
  await expect(board.inspector).toBeVisible();
  expect(await board.card("Read users").boundingBox()).toEqual(moved);
});

test("the canvas names an active card only while there is one", async ({ weir, home }) => {
  const board = await open(weir, home);
  await expect(board.canvas).not.toHaveAttribute("aria-activedescendant");
  await expect(board.canvas.getByRole("group", { name: "–" })).toHaveCount(0);
  await board.canvas.focus();
  await home.keyboard.press("Home");
  await expect(board.canvas).toHaveAttribute("aria-activedescendant", "canvas-active");
  await expect(home.locator("#canvas-active")).toHaveAttribute("role", "group");
});

test("an address that leads nowhere says so in the frame, with the way home", async ({ weir, home }) => {
  for (const [path, what] of [["/bla/bla", /no page \/bla\/bla/], ["/flows/nosuch", /no flow “nosuch”/], ["/flows/calback-daily/nosuch", /no page/], ["/settings/nosuch", /no page/]] as const) {
    await home.goto(weir.origin + path);
    await expect(home.getByRole("heading", { level: 1, name: what })).toBeVisible();
    await expect(home.getByRole("banner")).toBeVisible();
  }
  await home.getByRole("link", { name: "To the flows" }).click();
  await expect(home.getByRole("heading", { level: 1, name: "Flows" })).toBeVisible();
});

test("a link to a step that is gone says so, and node is another word for open", async ({ weir, home }) => {
  const board = await open(weir, home, "?open=zzz");
  await expect(board.inspector).toContainText("zzz");
  await expect(board.inspector).toContainText("is not in the flow");
  await open(weir, home, "?node=join");
  await expect(heading(board)).toHaveValue(/^Add what is known/);
  await board.inspector.getByRole("button", { name: "Close" }).click();
  await expect(board.inspector).toBeHidden();
  await expect(home).not.toHaveURL(/node=/);
});

test("the bar keeps the flow's name and says whether it is saved, however narrow the page and long the name", async ({ weir, home }) => {
  const board = await open(weir, home);
  const name = board.page.getByRole("banner").getByRole("heading", { level: 1 });
  const flows = home.getByRole("link", { name: "Flows" });
  const whole = (el: Element) => el.scrollWidth <= el.clientWidth;
  for (const [width, height] of [[1024, 700], [1280, 800], [1440, 900]] as const) {
    await home.setViewportSize({ width, height });
    expect((await name.boundingBox())?.width).toBeGreaterThan(120);
    expect(await home.getByRole("banner").evaluate(whole)).toBe(true);
    expect(await flows.evaluate(whole)).toBe(true);
    await expect(home.getByRole("banner").getByRole("status").first()).toHaveText("Saved");
    for (const page of ["Canvas", "Parameters", "Services", "Versions", "Flow"]) await expect(home.getByRole("button", { name: page, exact: true })).toBeVisible();
  }
  await expect(name).toHaveAttribute("title", /Calback daily/);
});

test("notes stand above the drawer", async ({ weir, home }) => {
  const board = await open(weir, home, "?drawer=problems");
  await board.canvas.focus();
  await home.keyboard.press("Alt+l");
  const note = home.getByRole("status").filter({ hasText: /Tid/ }).first();
  await expect(note).toBeVisible();
  const drawer = await board.drawer.boundingBox();
  await expect.poll(async () => {
    const box = await note.boundingBox();
    return box !== null && drawer !== null && box.y + box.height <= drawer.y;
  }).toBe(true);
});
