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

test("a schedule is turned on in the list, shown in the bar, and turned off in the flow's settings and by command", async ({ home }) => {
  const row = home.getByRole("row", { name: /calback-daily/ });
  await row.getByRole("switch", { name: /^Schedule of Calback daily/ }).click();
  await expect(row.getByText("Scheduled", { exact: true })).toBeVisible();
  await expect(row.getByText(/^for \d{4}-\d{2}-\d{2}$/)).toBeVisible();
  await row.getByRole("link", { name: /^Calback daily/ }).click();
  await home.getByRole("link", { name: /^Next \w{3}, \w{3} \d+, 06:00$/ }).click();
  const acts = home.getByRole("switch", { name: "Schedule on" });
  await expect(acts).toBeChecked();
  await expect(home.getByText(/^Next run .*06:00 \(Asia\/Seoul\), for slot \d{4}-\d{2}-\d{2}\.$/)).toBeVisible();
  await acts.click();
  await expect(home.getByText(/^Off: no run is made by itself/)).toBeVisible();
  await expect(home.getByRole("link", { name: "Schedule off" })).toBeVisible();
  await home.keyboard.press("Control+k");
  await home.getByRole("combobox", { name: "Search and commands" }).fill("Turn the schedule on");
  await home.keyboard.press("Enter");
  await expect(acts).toBeChecked();
});
