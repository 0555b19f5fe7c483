import type { Locator, Page } from "@playwright/test";
import { Board } from "./canvas";
import { api, expect, test, Weir } from "./weir";

/** drop lets a file fall on the canvas. */
async function drop(board: Board, text: string): Promise<void> {
  const data = await board.page.evaluateHandle((t) => {
    const files = new DataTransfer();
    files.items.add(new File([t], "flow.json", { type: "application/json" }));
    return files;
  }, text);
  await board.canvas.dispatchEvent("dragover", { dataTransfer: data });
  await expect(board.canvas.getByText("Drop a flow file to import it")).toBeVisible();
  await board.canvas.dispatchEvent("drop", { dataTransfer: data });
}

const take = (ask: Locator) => ask.getByRole("button", { name: "Import", exact: true }).click();

async function open(page: Page, weir: Weir, flow: string): Promise<Board> {
  await page.goto(`${weir.origin}/flows/${flow}`);
  const board = new Board(page);
  await expect(board.canvas).toBeVisible();
  return board;
}

test("a flow of one server, dropped on the canvas of another, is exported from there as the same bytes", async ({ home, weir, browser }) => {
  const first = await (await open(home, weir, "calback-daily")).exported();
  expect(JSON.parse(first)).toMatchObject({ id: "calback-daily" });

  const elsewhere = new Weir();
  await elsewhere.start("bare");
  try {
    expect(elsewhere.data).not.toBe(weir.data);
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    await page.goto(elsewhere.link);
    expect((await api<{ flows: unknown[] }>(page, "GET", "/flows")).flows).toEqual([]);
    const board = await Board.make(page, "Landing");
    await drop(board, first);
    const ask = page.getByRole("dialog", { name: /Import the flow calback-daily/ });
    await expect(ask.getByText(/nothing runs until/)).toBeVisible();
    await take(ask);
    await expect(page).toHaveURL(`${elsewhere.origin}/flows/calback-daily`);
    await expect(page.getByText("Not published")).toBeVisible();
    expect(await board.exported()).toBe(first);
    await page.context().close();
  } finally {
    await elsewhere.kill();
    elsewhere.remove();
  }
});

test("a flow exported, deleted, imported at home and exported again is the same bytes", async ({ home, weir }) => {
  const board = await open(home, weir, "calback-daily");
  const first = await board.exported();
  await board.menu("Delete");
  await home.getByRole("dialog").getByRole("button", { name: /^Delete/ }).click();
  await expect(home).toHaveURL(`${weir.origin}/`);
  await expect(home.getByRole("row", { name: /calback-daily/ })).toHaveCount(0);

  // Chosen at home: what it does is shown before it is taken in.
  const [chooser] = await Promise.all([home.waitForEvent("filechooser"), home.getByRole("button", { name: "Import" }).first().click()]);
  await chooser.setFiles({ name: "calback-daily.json", mimeType: "application/json", buffer: Buffer.from(first) });
  const ask = home.getByRole("dialog", { name: /Import the flow calback-daily/ });
  await expect(ask.getByText(/nothing runs until/)).toBeVisible();
  await take(ask);
  await expect(board.canvas).toBeVisible();
  await expect(home.getByText("Not published")).toBeVisible();
  expect(await board.exported()).toBe(first);
});

test("the value of a secret that a flow names is in no export and in nothing the server says", async ({ home, weir }) => {
  const mark = "VmVyeS1wcml2YXRl";
  const said: string[] = [];
  const pending: Promise<unknown>[] = [];
  home.on("response", (r) => pending.push(r.text().then((body) => said.push(`${r.request().method()} ${r.url()} ${JSON.stringify(r.headers())} ${body}`), () => undefined)));
  home.on("websocket", (s) => s.on("framereceived", (f) => said.push(f.payload.toString())));

  // Typed as a person does; then the flow that names it is looked at everywhere.
  await home.goto(`${weir.origin}/settings/secrets`);
  await home.getByRole("button", { name: "Add a secret" }).click();
  const ask = home.getByRole("dialog");
  await ask.getByRole("textbox", { name: "Name of the secret" }).fill("gcp-key");
  await ask.getByRole("textbox", { name: "Value of the secret" }).fill(JSON.stringify({ type: "service_account", client_email: "weir@calback-demo.iam.gserviceaccount.com", private_key: `-----BEGIN PRIVATE KEY-----\n${mark}\n-----END PRIVATE KEY-----\n` }));
  await ask.getByRole("button", { name: "Seal the secret" }).click();
  await expect(home.getByRole("row", { name: /gcp-key/ })).toBeVisible();
  const doc = {
    weir: 1, id: "vault", mode: "runs",
    services: { gcp: { kind: "GoogleCloud", settings: { project: "calback-demo", key: { secret: "gcp-key" } } } },
    nodes: {
      users: { kind: "ReadFirestore", settings: { service: "gcp", collection: "userCollection", schema: [["uid", "string"]] }, terminate: ["rejected"] },
      csv: { kind: "WriteCSV", settings: { path: "vault.csv" }, terminate: ["success"] },
    },
    connections: { "users-csv": { from: "users", output: "success", to: "csv" } }, layout: { users: [0, 0], csv: [320, 0] },
  };
  await api(home, "POST", "/flows", { doc });
  const board = await open(home, weir, "vault");
  await board.open("users");
  await board.inspector.getByRole("button", { name: /^Verify/ }).click();
  await expect(board.inspector.getByText(/failed/i).first()).toBeVisible();
  const { run } = await api<{ run: { id: string } }>(home, "POST", "/runs", { flow: "vault" });
  await expect.poll(async () => (await api<{ run: { state: string } }>(home, "GET", `/runs/${run.id}`)).run.state, { timeout: 30_000 }).toMatch(/FAILED|RETRYING|SUCCESS/);
  await home.goto(`${weir.origin}/flows/vault?drawer=logs&run=${run.id}`);
  await expect(board.drawer.getByRole("tab", { name: "Logs" })).toBeVisible();
  const file = await board.exported();
  expect(JSON.parse(file)).toMatchObject({ services: { gcp: { settings: { key: { secret: "gcp-key" } } } } });
  for (const page of ["/flows/vault/services", "/settings/secrets", "/settings/audit", "/api/docs"]) {
    await home.goto(weir.origin + page);
    await expect(home.getByRole("heading").first()).toBeVisible();
  }
  for (const path of ["/flows/vault", "/flows/vault/draft", "/flows/vault/file", "/flows/vault/versions", "/secrets", "/audit", "/bulletins", `/runs/${run.id}`, `/runs/${run.id}/logs`, "/diagnostics"]) {
    said.push(await home.evaluate(async (url) => (await fetch(url)).text(), `/api/v1${path}`));
  }
  await Promise.all(pending);
  expect(file).not.toContain(mark);
  expect(said.length).toBeGreaterThan(40);
  expect(said.join("\n")).toContain("gcp-key");
  expect(said.filter((text) => text.includes(mark))).toEqual([]);
});

test("a file dropped on the canvas shows what it would change, and changes it only then", async ({ home, weir }) => {
  const board = await open(home, weir, "calback-daily");
  const was = await board.exported();
  const other = JSON.parse(was) as { nodes: Record<string, { name?: string }> };
  (other.nodes["csv"] as { name?: string }).name = "결과 파일";
  await drop(board, JSON.stringify(other));
  const ask = home.getByRole("dialog", { name: /Import over the draft of calback-daily/ });
  await expect(ask.getByText("결과 파일")).toBeVisible();
  await ask.getByRole("button", { name: "Cancel" }).click();
  expect(await board.exported()).toBe(was);

  await drop(board, JSON.stringify(other));
  await take(ask);
  await expect(board.card("결과 파일")).toBeVisible();
  expect(JSON.parse(await board.exported())).toEqual(other);
});
