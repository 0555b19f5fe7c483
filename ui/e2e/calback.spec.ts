// The Calback flow built from an empty canvas by hand, run, and held to the example.
import type { Locator } from "@playwright/test";
import { balanced, example, type Field, type Fields, fieldsOf, sameAsExample, sameFiles, takeAway, wires } from "./calback";
import { Board } from "./canvas";
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
    for (const output of node.terminate ?? []) await form.getByRole("switch", { name: `End ${output} here` }).click();
    const inputs = Object.values(node.inputs ?? {});
    for (const [i, input] of inputs.entries()) await form.getByRole("combobox", { name: "Without data" }).nth(i).selectOption(input.on_empty ?? "");
  }
  await noProblems(board);
  sameAsExample(await board.exported());

  await board.publish();
  await home.getByRole("banner").getByRole("button", { name: "Run…" }).click();
  await board.drawer.getByRole("textbox", { name: "Slot" }).fill(was.slot);
  await board.drawer.getByRole("button", { name: "Start the run" }).click();
  const run = board.drawer.getByRole("region", { name: `Run ${was.slot}` });
  await expect(run.getByText(/^(succeeded|failed|partial|cancelled)$/).first()).toHaveText("succeeded", { timeout: 60_000 });
  await balanced(board);
  sameFiles(weir, was);
});
