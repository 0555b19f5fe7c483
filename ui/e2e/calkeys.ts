// The forms of the Calback flow, filled by keys alone.
import { expect, type Locator } from "@playwright/test";
import { type Field } from "./calback";
import type { Keys } from "./keys";

/** KeyForm fills the form that a page shows, going from field to field by Tab. */
export class KeyForm {
  constructor(readonly keys: Keys, readonly form: Locator) {}

  private named(role: "combobox" | "textbox" | "button", name: string): Locator {
    return this.form.getByRole(role, { name, exact: true }).first();
  }

  /** write fills a text and hands it over. */
  async write(role: "combobox" | "textbox", name: string, text: string, back = false): Promise<void> {
    await this.keys.reach(this.named(role, name), back);
    await this.keys.rewrite(text);
    await this.keys.press("Enter");
  }

  /** notes fills a text of several lines, which is handed over by Ctrl-Enter. */
  async notes(name: string, text: string, back = false): Promise<void> {
    await this.keys.reach(this.named("textbox", name), back);
    await this.keys.rewrite(text);
    await this.keys.press("ControlOrMeta+Enter");
  }

  /** choose takes a line of a list by typing how it begins. */
  async choose(field: Locator, text: string): Promise<void> {
    await this.keys.reach(field);
    await this.keys.type(text);
    await expect(field.locator("option:checked")).toHaveText(new RegExp(`^${text}`));
  }

  private async add(button: string): Promise<void> {
    await this.keys.reach(this.named("button", button));
    await this.keys.press("Enter");
  }

  private async more(): Promise<void> {
    const more = this.form.getByText(/^More properties/).last();
    if (await more.evaluate((el) => (el.parentElement as HTMLDetailsElement).open)) return;
    await this.keys.reach(more);
    await this.keys.press("Enter");
  }

  async set(f: Field): Promise<void> {
    if (f.advanced === true) await this.more();
    switch (f.type) {
      case "choice":
      case "service":
        return this.choose(this.named("combobox", f.label), String(f.value));
      case "list":
        for (const [i, text] of (f.value as string[]).entries()) {
          await this.add(`Add to ${f.label}`);
          await this.write("combobox", `${f.label}, entry ${i + 1}`, text, true);
        }
        return;
      case "map":
        for (const [i, [key, text]] of Object.entries(f.value as Record<string, string>).entries()) {
          await this.add(`Add to ${f.label}`);
          await this.write("textbox", `${f.label}, name ${i + 1}`, key, true);
          await this.write("combobox", `${f.label}, value of ${key}`, text);
        }
        return;
      case "schema":
        return this.schema(f.value as [string, string][]);
      case "text":
        return this.notes(f.label, String(f.value));
      default:
        return this.write("combobox", f.label, String(f.value));
    }
  }

  /** schema fills short ones column by column, and writes long ones as JSON. */
  private async schema(columns: [string, string][]): Promise<void> {
    if (columns.length >= 10) {
      await this.add("As JSON");
      return this.notes("Schema", JSON.stringify(columns), true);
    }
    for (const [i, [name, type]] of columns.entries()) {
      await this.add("Add a column");
      await this.write("textbox", `Name of column ${i + 1}`, name, true);
      await this.write("combobox", `Type of column ${i + 1}`, type);
    }
  }
}
