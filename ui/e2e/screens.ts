// Every screen there is, and how to come to it. A visit begins in English.
import type { Page } from "@playwright/test";
import { Board } from "./canvas";
import type { Yard } from "./yard";

/** Screen is one of them; its name is that of its pictures. */
export interface Screen {
  name: string;
  path: string;
  /** ready is there once the screen is. */
  ready: string;
  act?: (page: Page) => Promise<void>;
}

const dialog = "dialog[open], [role=dialog]";
const tab = "aside [role=tabpanel][data-state=active]";
const card = "[data-canvas-ready] [data-card]";
const table = "main table";
const press = (keys: string, then: string) => async (p: Page) => {
  await p.keyboard.press(keys);
  await p.locator(then).first().waitFor();
};
const click = (role: "button" | "tab" | "menuitem", name: string | RegExp, then?: string) => async (p: Page) => {
  await p.getByRole(role, { name, exact: typeof name === "string" }).first().click();
  if (then !== undefined) await p.locator(then).first().waitFor();
};
const upload = (button: string | RegExp, text: string) => async (p: Page) => {
  const [chooser] = await Promise.all([p.waitForEvent("filechooser"), p.getByRole("button", { name: button }).first().click()]);
  await chooser.setFiles({ name: "flow.json", mimeType: "application/json", buffer: Buffer.from(text) });
  await p.locator(dialog).first().waitFor();
};
/** full waits until all of the meters stand still behind their store. */
const full = async (p: Page) => {
  for (const wire of ["source-mark", "mark-store"]) await p.locator(`[data-wire='${wire}'][data-step='full']`).waitFor({ timeout: 40_000 });
};

const small = JSON.stringify({ weir: 1, id: "small", mode: "runs", nodes: { made: { kind: "GenerateFlowFile", settings: { text: "x" } }, csv: { kind: "WriteCSV", settings: { path: "small.csv" }, terminate: ["success"] } }, connections: { "made-csv": { from: "made", output: "success", to: "csv" } }, layout: { made: [0, 0], csv: [320, 0] } });

const home = (): Screen[] => [
  { name: "home", path: "/", ready: table },
  { name: "home-new", path: "/", ready: table, act: click("button", "New flow", dialog) },
  { name: "home-import", path: "/", ready: table, act: upload("Import", small) },
  { name: "missing", path: "/flows/no-such-flow", ready: "main h1" },
  { name: "server", path: "/settings", ready: "main dl, main table" },
  { name: "secrets", path: "/settings/secrets", ready: table },
  { name: "secrets-add", path: "/settings/secrets", ready: table, act: click("button", "Add a secret", dialog) },
  { name: "tokens", path: "/settings/tokens", ready: table },
  { name: "audit", path: "/settings/audit", ready: table },
  { name: "connect", path: "/connect", ready: "main form" },
  { name: "connect-script", path: "/connect?project=my-company-prod&property=412345678&dataset=analytics&location=asia-northeast3", ready: "main textarea" },
  { name: "connect-checks", path: "/connect?project=calback-demo&property=412345678&dataset=calback&location=asia-northeast3&endpoint=sandbox", ready: "main li[aria-current=step] button:has-text('Make the flow')" },
];

const pages = (): Screen[] => [
  { name: "parameters", path: "/flows/calback-daily/parameters", ready: table },
  { name: "services", path: "/flows/calback-daily/services", ready: "main form, main [role=listbox], main ul" },
  { name: "versions", path: "/flows/yard/versions", ready: table },
  { name: "versions-compare", path: "/flows/yard/versions", ready: table, act: click("button", /Compare/, dialog) },
  { name: "flow-settings", path: "/flows/calback-daily/settings", ready: "main form, main section" },
  { name: "parameters-none", path: "/flows/bare/parameters", ready: "main h1" },
  { name: "services-none", path: "/flows/bare/services", ready: "main h1" },
  { name: "versions-none", path: "/flows/bare/versions", ready: "main h2" },
];

const canvas = ({ run }: Yard): Screen[] => [
  { name: "canvas", path: "/flows/calback-daily", ready: card },
  { name: "canvas-run", path: `/flows/calback-daily?run=${run}`, ready: "[data-card][data-state='13']" },
  { name: "canvas-pressure", path: "/flows/meters", ready: card, act: full },
  { name: "canvas-lens", path: "/flows/meters", ready: card, act: async (p) => {
    await full(p);
    await new Board(p).canvas.focus();
    await p.keyboard.press("p");
  } },
  { name: "canvas-groups", path: "/flows/yard", ready: card },
  { name: "canvas-group", path: "/flows/yard?group=clean", ready: card },
  { name: "canvas-problems", path: "/flows/broken", ready: card },
  { name: "canvas-empty", path: "/flows/bare", ready: "[data-canvas-ready]" },
  { name: "quick-add", path: "/flows/yard", ready: card, act: async (p) => {
    await p.locator(".react-flow__pane").dblclick({ position: { x: 300, y: 60 } });
    await p.getByRole("dialog").waitFor();
  } },
  { name: "canvas-menu", path: "/flows/yard", ready: card, act: async (p) => {
    await new Board(p).card("Made").click({ button: "right", position: { x: 100, y: 20 } });
    await p.getByRole("menu").waitFor();
  } },
  { name: "flow-menu", path: "/flows/yard", ready: card, act: click("button", "More", "[role=menu]") },
  { name: "command-palette", path: "/flows/yard", ready: card, act: press("Control+k", dialog) },
  { name: "keys", path: "/flows/yard", ready: card, act: press("?", dialog) },
  { name: "outline", path: "/flows/yard", ready: card, act: press("Shift+O", "[role=treegrid], [role=tree]") },
  { name: "publish", path: "/flows/broken", ready: card, act: click("button", "Publish", dialog) },
  { name: "delete", path: "/flows/yard", ready: card, act: async (p) => {
    await new Board(p).menu("Delete");
    await p.locator(dialog).first().waitFor();
  } },
];

const inspector = (): Screen[] => [
  { name: "inspector", path: "/flows/calback-daily?open=join", ready: tab },
  { name: "inspector-scheduling", path: "/flows/calback-daily?open=join&tab=scheduling", ready: tab },
  { name: "inspector-ports", path: "/flows/calback-daily?open=join&tab=ports", ready: tab },
  { name: "inspector-runs", path: "/flows/calback-daily?open=join&tab=runs", ready: tab },
  { name: "inspector-docs", path: "/flows/calback-daily?open=join&tab=docs", ready: tab },
  { name: "inspector-schema", path: "/flows/calback-daily?open=users", ready: tab },
  { name: "inspector-code", path: "/flows/calback-daily?open=actions", ready: "aside .cm-content" },
  { name: "inspector-verify", path: "/flows/calback-daily?open=events", ready: tab, act: async (p) => {
    await p.getByRole("complementary").getByRole("button", { name: /^(Verify|Check)/ }).first().click();
    await p.locator("aside ol li, aside ul li").first().waitFor();
  } },
  { name: "inspector-problems", path: "/flows/broken?open=write", ready: tab },
  { name: "inspector-wire", path: "/flows/meters?open=wire:mark-store", ready: "aside h2" },
  { name: "inspector-group", path: "/flows/yard?open=group:clean", ready: "aside" },
  { name: "inspector-note", path: "/flows/yard?open=label:note", ready: "aside" },
  { name: "inspector-flow", path: "/flows/calback-daily?open=flow", ready: "aside h2" },
  { name: "inspector-several", path: "/flows/yard", ready: card, act: async (p) => {
    await new Board(p).canvas.focus();
    await press("Control+a", "aside")(p);
  } },
];

const file = (name: string, to: string, then: string): Screen => ({ name, path: "/flows/meters?drawer=queue&wire=mark-store", ready: "section [role=row] >> nth=1", act: async (p) => {
  await full(p);
  await p.getByRole("region", { name: "Drawer" }).getByRole("row").nth(1).click();
  await p.getByText("김민준").first().waitFor();
  if (to !== "Table") await p.getByRole("tab", { name: to, exact: true }).click();
  await p.locator(then).first().waitFor();
} });

const drawer = ({ run, failed, parked }: Yard): Screen[] => [
  { name: "runs", path: `/flows/calback-daily?drawer=runs&run=${run}&item=${run}`, ready: "section[aria-label^='Run '] table" },
  { name: "runs-failed", path: `/flows/yard?drawer=runs&run=${failed}`, ready: "section[aria-label^='Run '] table" },
  { name: "runs-start", path: "/flows/calback-daily?drawer=runs", ready: "section [role=tablist]", act: click("button", "Start a run…", "section form") },
  { name: "runs-backfill", path: "/flows/calback-daily?drawer=runs", ready: "section [role=tablist]", act: click("button", "Backfill…", "section form") },
  { name: "runs-none", path: "/flows/bare?drawer=runs", ready: "section [role=tablist]" },
  { name: "queues", path: "/flows/meters?drawer=queue", ready: "section table", act: full },
  { name: "queue", path: "/flows/meters?drawer=queue&wire=mark-store", ready: "section [role=row] >> nth=1", act: full },
  { name: "queue-empty", path: `/flows/calback-daily?drawer=queue&wire=join-csv&run=${run}`, ready: "section [role=tablist]" },
  file("file-records", "Table", "section [role=gridcell]"),
  file("file-columns", "Columns", "section [role=tabpanel][data-state=active]"),
  file("file-json", "JSON", "section [role=tabpanel][data-state=active]"),
  file("file-hex", "Hex", "section [role=tabpanel][data-state=active]"),
  file("file-attributes", "Attributes", "section [role=tabpanel][data-state=active]"),
  file("file-sql", "SQL", "section .cm-content"),
  { name: "parked", path: `/flows/yard?drawer=parked&run=${failed}`, ready: "section [role=row] >> nth=1" },
  { name: "parked-one", path: `/flows/yard?drawer=parked&run=${failed}&item=${parked}`, ready: "section [role=row] >> nth=1" },
  { name: "parked-none", path: `/flows/calback-daily?drawer=parked&run=${run}`, ready: "section [role=tablist]" },
  { name: "bulletins", path: "/flows/yard?drawer=bulletins", ready: "section [role=tablist]" },
  { name: "logs", path: `/flows/yard?drawer=logs&run=${failed}`, ready: "section [role=tablist]" },
  { name: "problems", path: "/flows/broken?drawer=problems", ready: "section [role=tablist]" },
  { name: "problems-none", path: "/flows/yard?drawer=problems", ready: "section [role=tablist]" },
];

/** furnished are the screens of a server on which all is, by where they are. */
export const furnished: Record<string, (yard: Yard) => Screen[]> = { home, pages, canvas, inspector, drawer };

/** fresh are the screens of a server on which nothing is. */
export const fresh: Screen[] = [
  { name: "welcome", path: "/", ready: "main section button" },
  { name: "secrets-none", path: "/settings/secrets", ready: "main h1" },
  { name: "audit-none", path: "/settings/audit", ready: "main h1" },
];

/** strange is what somebody sees who is not signed in. */
export const strange: Screen[] = [{ name: "login-link", path: "/", ready: "main pre" }];

/** locked is the same where a password is set. */
export const locked: Screen[] = [{ name: "login-password", path: "/", ready: "input[type=password]", act: async (p) => {
  await p.getByRole("textbox", { name: "Password" }).fill("wrong");
  await p.getByRole("button", { name: "Sign in" }).click();
  await p.getByRole("alert").getByText(/./).waitFor();
} }];
