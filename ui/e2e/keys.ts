// What hands do to a page without a mouse.
import { expect, type Locator, type Page } from "@playwright/test";

/** Keys are the only way a test touches the page. */
export class Keys {
  constructor(readonly page: Page) {}

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  type(text: string): Promise<void> {
    return this.page.keyboard.type(text);
  }

  /** tabTo presses Tab until something of a role and name has the focus. */
  async tabTo(role: Parameters<Page["getByRole"]>[0], name: string | RegExp, back = false): Promise<void> {
    await this.reach(this.page.getByRole(role, typeof name === "string" ? { name, exact: true } : { name }).first(), back);
  }

  /** reach presses Tab until something has the focus. */
  async reach(wanted: Locator, back = false): Promise<void> {
    await expect(wanted).toBeVisible();
    for (let i = 0; i < 160; i++) {
      if (await wanted.evaluate((el) => (el.getRootNode() as Document | ShadowRoot).activeElement === el)) return;
      await this.page.keyboard.press(back ? "Shift+Tab" : "Tab");
    }
    throw new Error(`Tab never reached ${wanted}`);
  }

  /** rewrite takes the place of the text that has the focus, all at once as when it is pasted. */
  async rewrite(text: string): Promise<void> {
    await this.press("ControlOrMeta+a");
    await this.page.keyboard.insertText(text);
  }

  /** find asks Ctrl-K and takes the first answer, which must be this one. */
  async find(what: string): Promise<void> {
    await this.press("ControlOrMeta+k");
    const asked = this.page.getByRole("dialog", { name: "Search and commands" });
    await expect(asked).toBeVisible();
    await this.type(what);
    await expect(asked.getByRole("option", { selected: true })).toContainText(what.replace(/^>/, ""));
    await this.press("Enter");
    await expect(asked).toBeHidden();
  }

  /** add adds a kind by "/" on the canvas. */
  async add(kind: string): Promise<void> {
    await this.press("/");
    await expect(this.page.getByRole("dialog", { name: "Add a processor" })).toBeVisible();
    await this.type(kind);
    await expect(this.page.getByRole("dialog").getByRole("option", { selected: true })).toContainText(kind);
    await this.press("Enter");
    await expect(this.page.getByRole("dialog")).toBeHidden();
  }

  /** field goes to a field of the inspector and fills it. */
  async field(name: string, text: string): Promise<void> {
    await this.tabTo("combobox", name);
    await this.press("ControlOrMeta+a");
    await this.type(text);
    await this.press("Enter");
  }

  /** canvas puts the focus back on the canvas. */
  async canvas(): Promise<void> {
    await this.tabTo("application", /^Canvas of /, true);
  }
}
