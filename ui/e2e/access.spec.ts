import { createServer } from "node:http";
import { expect, test } from "./weir";

test("a page of another site can neither read the API nor open the socket", async ({ weir, home, context }) => {
  await expect(home.getByRole("heading", { name: "Flows" })).toBeVisible();
  const evil = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<title>elsewhere</title>"));
  await new Promise<void>((go) => evil.listen(0, "localhost", go));
  const address = evil.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  try {
    const page = await context.newPage();
    await page.goto(`http://localhost:${address.port}/`);
    const got = await page.evaluate(async (origin) => {
      const read = await fetch(`${origin}/api/v1/flows`, { credentials: "include" }).then((r) => r.text(), () => "refused");
      const wrote = await fetch(`${origin}/api/v1/flows/calback-daily/disable`, { method: "POST", mode: "no-cors", credentials: "include", body: "{}" }).then((r) => r.type, () => "refused");
      const socket = await new Promise<string>((done) => {
        const s = new WebSocket(`${origin.replace("http", "ws")}/api/v1/live`);
        s.onopen = () => done("open");
        s.onerror = () => done("refused");
      });
      return { read, wrote, socket };
    }, weir.origin);
    expect(got.read).toBe("refused");
    expect(got.socket).toBe("refused");
  } finally {
    evil.close();
  }
});

test("nothing is fetched from elsewhere, and no script is inline", async ({ weir, home, context }) => {
  const elsewhere: string[] = [];
  const complaints: string[] = [];
  const page = await context.newPage();
  page.on("request", (r) => !r.url().startsWith(weir.origin) && !r.url().startsWith("data:") && !r.url().startsWith("blob:") && elsewhere.push(r.url()));
  page.on("console", (m) => /Content Security Policy/i.test(m.text()) && complaints.push(m.text()));
  await home.waitForLoadState("networkidle");
  await page.goto(`${weir.origin}/flows/calback-daily`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect(elsewhere).toEqual([]);
  expect(complaints).toEqual([]);
});

test("a link that was used leads to how a fresh one is got", async ({ weir, home, browser }) => {
  await expect(home.getByRole("heading", { name: "Flows" })).toBeVisible();
  const stranger = await browser.newContext({ locale: "en-US" });
  try {
    const page = await stranger.newPage();
    await page.goto(weir.link); // home is signed in by it
    await expect(page.getByRole("alert")).toContainText("That link was used already or is too old");
    await expect(page.getByText("weir url", { exact: true })).toBeVisible();
    await expect(page).toHaveURL(`${weir.origin}/?link=used`);
  } finally {
    await stranger.close();
  }
});
