import { expect, test } from "./weir";

test("the home lists the demo's flows with their runs", async ({ home }) => {
  await expect(home.getByRole("heading", { name: "Flows" })).toBeVisible();
  const row = home.getByRole("row", { name: /calback-daily/ });
  await expect(row).toBeVisible();
  await expect(row.getByRole("link", { name: /succeeded/ })).toHaveCount(1);
});

test("the link signs in once only", async ({ weir, home, browser }) => {
  await expect(home.getByRole("heading", { name: "Flows" })).toBeVisible();
  const other = await (await browser.newContext()).newPage();
  await other.goto(weir.link);
  await expect(other.getByText("weir url")).toBeVisible();
});

test("a new flow begins empty and its name becomes its id", async ({ home }) => {
  await home.getByRole("button", { name: "New flow" }).click();
  await home.getByRole("textbox", { name: "Name" }).fill("Daily Orders");
  await home.getByRole("button", { name: "Create" }).click();
  await expect(home).toHaveURL(/\/flows\/daily-orders$/);
  await expect(home.getByRole("heading", { name: "Daily Orders" })).toBeVisible();
});
