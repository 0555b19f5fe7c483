// The Calback flow built from an empty canvas by hand, run, and held to the example.
import type { Locator } from "@playwright/test";
import { balanced, example, type Field, type Fields, fieldsOf, sameAsExample, sameFiles, takeAway, wires } from "./calback";
import { KeyForm } from "./calkeys";
import { Board, textOf } from "./canvas";
import { Keys } from "./keys";
import { api, expect, test } from "./weir";

// A desk's screen: the whole flow stands beside the form.
test.use({ viewport: { width: 1920, height: 1200 } });

const title = "Calback by hand";
const slug = "calback-by-hand";

/** noProblems waits until the draft is with the server, which finds nothing wrong with it. */
async function noProblems(board: Board): Promise<void> {
  await board.saved();
  await expect(board.page.getByRole("banner").getByRole("button", { name: /problem/ })).toBeHidden();
  const { problems } = await api<{ problems?: unknown[] | null }>(board.page, "GET", `/flows/${slug}/draft`);
  expect(problems ?? []).toEqual([]);
}

/** wired counts the wires that the draft has, also those out of sight. */
async function wired(board: Board): Promise<number> {
  const { doc } = await api<{ doc: { connections?: object } }>(board.page, "GET", `/flows/${slug}/draft`);
  return Object.keys(doc.connections ?? {}).length;
}

/** succeeded waits for the end of a slot's run, which must be a good one. */
async function succeeded(board: Board, slot: string): Promise<void> {
  const run = board.drawer.getByRole("region", { name: `Run ${slot}` });
  await expect(run.getByText(/^(succeeded|failed|partial|cancelled)$/).first()).toHaveText("succeeded", { timeout: 60_000 });
}

/** Hand fills a form by clicking and typing. */
class Hand {
  constructor(readonly board: Board, readonly fields: Fields, readonly form: Locator = board.inspector) {}

  /** write fills a text by its name and leaves it. */
  async write(label: string, text: string): Promise<void> {
    const field = this.form.getByRole("textbox", { name: label, exact: true });
    await field.fill(text);
    await field.blur();
  }

  private async fill(label: string, text: string): Promise<void> {
    const field = this.form.getByRole("combobox", { name: label, exact: true });
    await field.fill(text);
    await field.press("Enter");
  }

  private async choose(label: string, value: string): Promise<void> {
    await this.form.getByRole("combobox", { name: label, exact: true }).selectOption(value);
  }

  /** more shows the properties that are folded away. */
  private async more(): Promise<void> {
    const more = this.form.getByText(/^More properties/).last();
    if (!(await more.evaluate((el) => (el.parentElement as HTMLDetailsElement).open))) await more.click();
  }

  async set(f: Field): Promise<void> {
    if (f.advanced === true) await this.more();
    switch (f.type) {
      case "choice":
        return this.choose(f.label, String(f.value));
      case "service":
        return this.service(f);
      case "list":
        return this.list(f.label, f.value as string[]);
      case "map":
        return this.map(f.label, f.value as Record<string, string>);
      case "schema":
        return this.schema(f.value as [string, string][]);
      case "text": {
        await this.form.getByRole("textbox", { name: f.label, exact: true }).click();
        return this.write(f.label, String(f.value));
      }
      default:
        return this.fill(f.label, String(f.value));
    }
  }

  private async list(label: string, entries: string[]): Promise<void> {
    for (const [i, text] of entries.entries()) {
      await this.form.getByRole("button", { name: `Add to ${label}` }).click();
      await this.fill(`${label}, entry ${i + 1}`, text);
    }
  }

  private async map(label: string, entries: Record<string, string>): Promise<void> {
    for (const [i, [key, text]] of Object.entries(entries).entries()) {
      await this.form.getByRole("button", { name: `Add to ${label}` }).click();
      const name = this.form.getByRole("textbox", { name: `${label}, name ${i + 1}` });
      await name.fill(key);
      await name.press("Tab");
      await this.fill(`${label}, value of ${key}`, text);
    }
  }

  /** schema fills short ones column by column, and writes long ones as JSON. */
  private async schema(columns: [string, string][]): Promise<void> {
    if (columns.length < 10) return this.board.columns(columns);
    await this.form.getByRole("button", { name: "As JSON" }).click();
    await this.write("Schema", JSON.stringify(columns));
    await this.form.getByRole("button", { name: "As a table" }).click();
    await expect(this.form.getByRole("textbox", { name: `Name of column ${columns.length}` })).toHaveValue(columns.at(-1)?.[0] ?? "");
  }

  /** service chooses a service, which is made in place and filled where there is none yet. */
  private async service(f: Field): Promise<void> {
    const name = String(f.value);
    const made = example.services[name];
    if (made === undefined) throw new Error(`no service ${name}`);
    const field = this.form.getByRole("combobox", { name: f.label, exact: true });
    const there = field.locator("option", { hasText: new RegExp(`^${name}$`) });
    if ((await there.count()) > 0) return this.choose(f.label, name);
    await field.selectOption({ label: `New ${made.kind}…` });
    await this.write("Name of the service", name);
    await this.form.getByRole("button", { name: "Add the service" }).click();
    const fold = this.board.page.getByText(`Settings of ${name}`, { exact: true });
    await fold.click();
    const inner = new Hand(this.board, this.fields, this.form.locator("details", { has: fold }));
    for (const g of this.fields(made)) await inner.set(g);
    await fold.click();
  }
}

test("the Calback flow is built by mouse from nothing, runs, and writes what the example wrote", async ({ weir, home }) => {
  test.setTimeout(180_000);
  const was = await takeAway(home, weir);
  const board = await Board.make(home, title);
  const hand = new Hand(board, await fieldsOf(home));
  const form = board.inspector;

  // Parameters have a page, and so has what the flow says of itself.
  await home.getByRole("button", { name: "Parameters" }).click();
  for (const [name, p] of Object.entries(example.parameters)) {
    await home.getByRole("button", { name: "Add a parameter" }).click();
    await home.getByRole("textbox", { name: "Name of parameter" }).fill(name);
    await home.getByRole("textbox", { name: "Name of parameter" }).press("Enter");
    await home.getByRole("textbox", { name: `Default of ${name}` }).fill(p.default);
    await home.getByRole("textbox", { name: `Meaning of ${name}` }).fill(p.doc);
    await home.getByRole("textbox", { name: `Meaning of ${name}` }).press("Enter");
  }
  await home.getByRole("button", { name: "Flow", exact: true }).click();
  await home.getByRole("textbox", { name: "Notes" }).fill(example.doc);
  await home.getByRole("switch", { name: "Runs by a schedule" }).click();
  const { schedule, policy } = example;
  await home.getByRole("combobox", { name: "One run for each" }).selectOption(schedule.every);
  await home.getByRole("textbox", { name: "At", exact: true }).fill(schedule.at);
  await home.getByRole("combobox", { name: "Time zone" }).fill(schedule.zone);
  await home.getByRole("combobox", { name: "Slots that were missed" }).selectOption(schedule.missed);
  await home.getByRole("textbox", { name: "Retries" }).fill(String(policy.retries));
  await home.getByRole("textbox", { name: "Wait before a retry" }).fill(policy.retry_delay);
  await home.getByRole("textbox", { name: "Wait before a retry" }).press("Enter");
  await home.getByRole("button", { name: "Canvas", exact: true }).click();

  // Each processor is searched for, dragged to its place and filled.
  const search = home.getByRole("searchbox", { name: "Search processors" });
  for (const [id, node] of Object.entries(example.nodes)) {
    const [x, y] = example.layout[id] ?? [0, 0];
    await search.fill(node.kind);
    await board.dropKind(node.kind, { x: x + 144, y: y + 196 });
    await hand.write("Name", node.name);
    await board.card(node.name).click({ button: "right", position: { x: 100, y: 20 } });
    await home.getByRole("menuitem", { name: "Change the id" }).click();
    await home.getByRole("textbox", { name: "Id" }).fill(id);
    await home.getByRole("textbox", { name: "Id" }).press("Enter");
    await form.getByRole("tab", { name: /^Properties/ }).click();
    for (const f of hand.fields(node)) await hand.set(f);
    if (node.doc !== undefined) await hand.write("Notes", node.doc);
  }

  const name = (id: string) => example.nodes[id]?.name ?? id;
  for (const w of wires) await board.connect(name(w.from), name(w.to), { output: w.output, input: w.input });
  for (const [id, node] of Object.entries(example.nodes)) {
    await board.open(name(id), "Ports");
    for (const output of node.terminate ?? []) await form.getByRole("switch", { name: `End ${output} here` }).setChecked(true);
    const inputs = Object.values(node.inputs ?? {});
    for (const [i, input] of inputs.entries()) await form.getByRole("combobox", { name: "Without data" }).nth(i).selectOption(input.on_empty ?? "");
  }
  await noProblems(board);
  sameAsExample(await board.exported());

  await board.publish();
  await home.getByRole("banner").getByRole("button", { name: "Run…" }).click();
  await board.drawer.getByRole("textbox", { name: "Slot" }).fill(was.slot);
  await board.drawer.getByRole("button", { name: "Start the run" }).click();
  await succeeded(board, was.slot);
  await balanced(board);
  sameFiles(weir, was);
});

test("the Calback flow is built, published and run by keyboard alone, and writes the same", async ({ weir, home }) => {
  test.setTimeout(240_000);
  // Nothing may press a button of a mouse, from here to the end.
  const pressed: string[] = [];
  await home.exposeFunction("pressed", (what: string) => void pressed.push(what));
  await home.addInitScript(() => {
    for (const type of ["pointerdown", "mousedown", "touchstart", "wheel"]) {
      addEventListener(type, (e) => e.isTrusted && (window as unknown as { pressed: (what: string) => void }).pressed(`${e.type} on ${(e.target as Element).tagName}`), true);
    }
  });
  await home.goto(weir.origin);
  const was = await takeAway(home, weir);
  const fields = await fieldsOf(home);
  const keys = new Keys(home);
  const board = new Board(home);
  await keys.tabTo("button", /New flow/);
  await keys.press("Enter");
  await expect(home.getByRole("textbox", { name: "Name" })).toBeFocused();
  await keys.type(title);
  await keys.press("Enter");
  await expect(board.canvas).toBeVisible();

  // The pages of the flow: its parameters, its services, and what it says of itself.
  const page = new KeyForm(keys, home.getByRole("main"));
  await keys.find(">Parameters");
  for (const [name, p] of Object.entries(example.parameters)) {
    await keys.tabTo("button", "Add a parameter");
    await keys.press("Enter");
    await page.write("textbox", "Name of parameter", name);
    await page.write("textbox", `Default of ${name}`, p.default);
    await page.write("textbox", `Meaning of ${name}`, p.doc);
  }
  await keys.find(">Services");
  for (const [name, s] of Object.entries(example.services)) {
    await keys.tabTo("button", "Add a service");
    await keys.press("Enter");
    const ask = new KeyForm(keys, home.getByRole("dialog"));
    await ask.choose(ask.form.getByRole("combobox", { name: "Kind" }), s.kind);
    await ask.write("textbox", "Name", name);
    await expect(ask.form).toBeHidden();
    for (const f of fields(s)) await page.set(f);
  }
  await keys.tabTo("button", "Flow", true);
  await keys.press("Enter");
  const { schedule, policy } = example;
  await page.notes("Notes", example.doc);
  await keys.tabTo("switch", "Runs by a schedule");
  await keys.press("Space");
  await page.choose(home.getByRole("combobox", { name: "One run for each" }), schedule.every);
  await page.write("textbox", "At", schedule.at);
  await page.write("combobox", "Time zone", schedule.zone);
  await page.choose(home.getByRole("combobox", { name: "Slots that were missed" }), "run the last one");
  await page.write("textbox", "Retries", String(policy.retries));
  await page.write("textbox", "Wait before a retry", policy.retry_delay);
  await keys.find(">Canvas");

  // Each processor by "/", its name by F2 and its id by Shift-F2; then its form.
  const form = new KeyForm(keys, board.inspector);
  const canvas = async () => {
    await keys.press("Escape");
    await keys.canvas();
  };
  await keys.tabTo("application", /^Canvas of /);
  for (const [id, node] of Object.entries(example.nodes)) {
    await keys.add(node.kind);
    await expect(board.canvas).toBeFocused();
    await keys.press("F2");
    await keys.rewrite(node.name);
    await keys.press("Enter");
    await expect(board.card(node.name)).toBeVisible();
    await keys.press("Shift+F2");
    await expect(home.getByRole("textbox", { name: "Id" })).toBeFocused();
    await keys.rewrite(id);
    await keys.press("Enter");
    await expect(board.inspector.getByText(`${node.kind} · ${id}`)).toBeVisible();
    for (const f of fields(node)) await form.set(f);
    if (node.doc !== undefined) await form.notes("Notes", node.doc);
    await canvas();
  }

  // Wires by C: the other end by its name, then the input where there are several.
  const name = (id: string) => example.nodes[id]?.name ?? id;
  for (const [i, w] of wires.entries()) {
    await keys.find(name(w.from));
    await keys.canvas();
    await expect(board.card(name(w.from))).toHaveClass(/focus/);
    await keys.press("c");
    await keys.type(name(w.to));
    await keys.press("Enter");
    const pick = home.getByRole("dialog", { name: "Connect" });
    await expect.poll(async () => (await pick.isVisible()) || (await wired(board)) > i).toBe(true);
    if (await pick.isVisible()) {
      const box = pick.getByRole("checkbox", { name: w.output, exact: true });
      if ((await box.count()) > 0) await expect(box).toBeChecked();
      const into = pick.getByRole("radio", { name: w.input, exact: true });
      if (w.input !== undefined) {
        await keys.reach(pick.getByRole("radio", { checked: true }));
        for (let n = await pick.getByRole("radio").count(); n > 0 && !(await into.isChecked()); n--) await keys.press("ArrowDown");
        await expect(into).toBeChecked();
      }
      await keys.press("Enter");
    }
    await expect.poll(() => wired(board)).toBe(i + 1);
  }
  // What leads nowhere ends here, all at once.
  await keys.press("ControlOrMeta+a", "Alt+t");
  for (const [id, node] of Object.entries(example.nodes)) {
    const inputs = Object.values(node.inputs ?? {});
    if (inputs.length === 0) continue;
    await keys.find(name(id));
    await keys.tabTo("tab", /^Properties/);
    await keys.press("ArrowRight", "ArrowRight");
    for (const [i, input] of inputs.entries()) {
      expect(input.on_empty).toBe("fail");
      await form.choose(board.inspector.getByRole("combobox", { name: "Without data" }).nth(i), "Fail the run");
    }
    await canvas();
  }
  await noProblems(board);
  const [file] = await Promise.all([home.waitForEvent("download"), keys.find(">Export as JSON")]);
  sameAsExample(await textOf(file));

  await keys.press("ControlOrMeta+s");
  await expect(home.getByRole("dialog").getByRole("button", { name: "Publish" })).toBeFocused();
  await keys.press("Enter");
  await expect(home.getByRole("dialog")).toBeHidden();
  await keys.canvas();
  await keys.press("Shift+r");
  await keys.tabTo("textbox", "Slot");
  await keys.rewrite(was.slot);
  await keys.tabTo("button", "Start the run");
  await keys.press("Enter");
  await succeeded(board, was.slot);
  await balanced(board);
  sameFiles(weir, was);
  expect(pressed, "no button of a mouse was pressed").toEqual([]);
});
