// The page of a flow as a person sees it: what is looked for by role and name,
// and what hands do to it.
import { type Download, expect, type Locator, type Page } from "@playwright/test";

/** Board is the open flow. */
export class Board {
  constructor(readonly page: Page) {}

  /** make makes a new, empty flow from the home and opens it. */
  static async make(page: Page, name: string, mode?: "continuous"): Promise<Board> {
    await page.getByRole("button", { name: "New flow" }).first().click();
    await page.getByRole("textbox", { name: "Name" }).fill(name);
    if (mode === "continuous") await page.locator("input[name=mode]").nth(1).check();
    await page.getByRole("button", { name: "Create" }).click();
    const board = new Board(page);
    await expect(board.canvas).toBeVisible();
    return board;
  }

  get canvas(): Locator {
    return this.page.getByRole("application", { name: /^Canvas of / });
  }

  get inspector(): Locator {
    return this.page.getByRole("complementary", { name: "Inspector" });
  }

  get drawer(): Locator {
    return this.page.getByRole("region", { name: "Drawer" });
  }

  /** card is a node by its name, which is its slug until it is given another. */
  card(name: string): Locator {
    return this.canvas.getByRole("group", { name: new RegExp(`^${name}, `) });
  }

  wire(from: string, to: string): Locator {
    return this.canvas.locator(`[data-wire^="${from}"][data-wire*="${to}"]`);
  }

  get wires(): Locator {
    return this.canvas.locator("[data-wire]");
  }

  port(card: string, side: "source" | "target", name?: string): Locator {
    const all = this.card(card).locator(`.react-flow__handle.${side}`);
    return name === undefined ? all.first() : all.and(this.page.getByTitle(name, { exact: true }));
  }

  /** quickAdd double-clicks an empty place and chooses a kind. */
  async quickAdd(kind: string, at: { x: number; y: number }): Promise<void> {
    await this.canvas.locator(".react-flow__pane").dblclick({ position: at });
    const ask = this.page.getByRole("dialog", { name: "Add a processor" });
    await ask.getByRole("combobox").fill(kind);
    await ask.getByRole("option", { name: new RegExp(`^${kind}\\b`) }).first().click();
    await expect(this.inspector).toBeVisible();
  }

  /** dropKind drags a kind of the palette to a place of the canvas. */
  async dropKind(kind: string, at: { x: number; y: number }): Promise<void> {
    await this.page.getByRole("navigation", { name: "Processors" }).getByRole("button", { name: kind, exact: true }).dragTo(this.canvas, { targetPosition: at });
    await expect(this.inspector).toBeVisible();
  }

  /** drag moves the mouse from the middle of one thing to that of another. */
  async drag(from: Locator, to: Locator): Promise<void> {
    const a = await middle(from);
    const b = await middle(to);
    const { mouse } = this.page;
    await mouse.move(a.x, a.y);
    await mouse.down();
    await mouse.move((a.x + b.x) / 2, (a.y + b.y) / 2, { steps: 6 });
    await mouse.move(b.x, b.y, { steps: 6 });
    await mouse.up();
  }

  /** connect drags a wire between two ports. */
  async connect(from: string, to: string, ports: { output?: string; input?: string } = {}): Promise<void> {
    const before = await this.wires.count();
    await this.drag(this.port(from, "source", ports.output), this.port(to, "target", ports.input));
    await expect(this.wires).toHaveCount(before + 1);
  }

  /** clickWire clicks the middle of a wire, where its pill may lie. */
  async clickWire(from: string, to: string): Promise<void> {
    const at = await middle(this.wire(from, to));
    await this.page.mouse.click(at.x, at.y);
    await expect(this.drawer).toBeVisible();
  }

  /** open shows a node in the inspector, at one of its tabs. */
  async open(name: string, tab?: string): Promise<void> {
    await this.card(name).click({ position: { x: 100, y: 20 } });
    if (tab !== undefined) await this.inspector.getByRole("tab", { name: new RegExp(`^${tab}`) }).click();
  }

  field(label: string): Locator {
    return this.inspector.getByRole("combobox", { name: label, exact: true });
  }

  /** fill types into a field and leaves it. */
  async fill(label: string, text: string): Promise<void> {
    await this.field(label).fill(text);
    await this.field(label).press("Enter");
  }

  /** choose takes a choice of a field's list. */
  async choose(label: string, value: string): Promise<void> {
    await this.field(label).selectOption(value);
  }

  /** columns fills a schema, column by column. */
  async columns(columns: readonly [name: string, type: string][]): Promise<void> {
    for (const [i, [name, type]] of columns.entries()) {
      await this.inspector.getByRole("button", { name: "Add a column" }).click();
      const type_ = this.inspector.getByRole("combobox", { name: `Type of column ${i + 1}` });
      await type_.fill(type);
      await type_.press("Enter");
      const name_ = this.inspector.getByRole("textbox", { name: `Name of column ${i + 1}` });
      await name_.fill(name);
      await name_.press("Enter");
    }
  }

  /** end terminates outputs of the open node. */
  async end(...outputs: string[]): Promise<void> {
    await this.inspector.getByRole("tab", { name: /^Ports/ }).click();
    for (const name of outputs) {
      const off = this.inspector.getByRole("switch", { name: `End ${name} here` });
      await off.setChecked(true);
    }
  }

  /** publish puts the draft in force. */
  async publish(verb: "Publish" | "Apply" = "Publish"): Promise<void> {
    await this.page.getByRole("banner").getByRole("button", { name: verb }).click();
    await this.confirmPublish(verb);
  }

  async confirmPublish(verb: "Publish" | "Apply" = "Publish"): Promise<void> {
    const dialog = this.page.getByRole("dialog");
    await dialog.getByRole("button", { name: verb, exact: true }).click();
    await expect(dialog).toBeHidden();
  }

  /** run starts a run by the form and waits for how it ends. */
  async run(end: string): Promise<void> {
    await this.page.getByRole("banner").getByRole("button", { name: "Run…" }).click();
    await this.drawer.getByRole("button", { name: "Start the run" }).click();
    await expect(this.drawer.getByRole("region", { name: /^Run / }).getByText(/^(succeeded|failed|partial|cancelled)$/).first()).toHaveText(end, { timeout: 30_000 });
  }

  /** choose from the flow's menu. */
  async menu(item: string): Promise<void> {
    await this.page.getByRole("banner").getByRole("button", { name: "More" }).click();
    await this.page.getByRole("menuitem", { name: item }).click();
  }

  /** exported is the file that Export gives. */
  async exported(): Promise<string> {
    const [file] = await Promise.all([this.page.waitForEvent("download"), this.menu("Export as JSON")]);
    return textOf(file);
  }

  /** saved waits until all is with the server. */
  async saved(): Promise<void> {
    await expect(this.page.getByRole("banner").getByRole("status").getByText("Saved")).toBeVisible();
  }
}

async function middle(what: Locator): Promise<{ x: number; y: number }> {
  const box = await what.boundingBox();
  if (box === null) throw new Error(`${what} is not on the screen`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** textOf reads a download. */
export async function textOf(file: Download): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
