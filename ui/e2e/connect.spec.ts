import { expect, test } from "./weir";

test("the sandbox's project becomes a flow on the canvas", async ({ home }) => {
  await home.getByRole("link", { name: "Connect my Google project" }).click();
  await home.getByRole("button", { name: "Use the sandbox to try it" }).click();
  await expect(home.getByText(/All \d+ checks passed/)).toBeVisible();
  const passed = Number(/\d+/.exec(await home.getByText(/All \d+ checks passed/).textContent() ?? "")?.[0]);
  let green = 0;
  for (const of of ["Signing in to Google", "Firestore", "Google Analytics", "BigQuery"]) {
    const checks = home.getByRole("region", { name: of }).getByRole("listitem");
    await expect(checks.first()).toContainText("passed");
    await expect(checks.filter({ hasText: "failed" })).toHaveCount(0);
    green += await checks.filter({ hasText: "passed" }).count();
  }
  expect(green, "as many are green as the sum says").toBe(passed);
  await expect(home.getByRole("combobox", { name: "Collection of users" })).toHaveValue("userCollection");
  await expect(home.getByRole("combobox", { name: "Field that names a user" })).toHaveValue("uid");
  await expect(home.getByRole("combobox", { name: "GA4 dimension of the user" })).toHaveValue("customUser:MID");
  await expect(home.getByRole("combobox", { name: "Collection of meetings" })).toHaveValue("meetingCollection");
  await expect(home.getByRole("combobox", { name: "Time zone" })).toHaveValue("Asia/Seoul");
  await home.getByRole("combobox", { name: "Collection of meetings" }).selectOption("");
  await home.getByRole("button", { name: "Make the flow and open it" }).click();
  // What the documents left open is told before the canvas is.
  await home.getByRole("button", { name: "Open the canvas" }).or(home.getByRole("link", { name: "Open the canvas" })).click();
  await expect(home).toHaveURL(/\/flows\/calback-demo-daily$/);
  await expect(home.getByRole("heading", { level: 1, name: /calback-demo/ })).toBeVisible();
  const doc = await home.evaluate(async () => (await fetch("/api/v1/flows/calback-demo-daily/draft")).json() as Promise<{ doc: { nodes: Record<string, unknown> }; version: number }>);
  expect(doc.version).toBe(0);
  expect(Object.keys(doc.doc.nodes)).not.toContain("meetings");

  // A second flow of the project is not laid over the first unasked.
  await home.goBack();
  await home.getByRole("button", { name: "Make the flow and open it" }).click();
  await expect(home.getByRole("alert")).toContainText("calback-demo-daily");
  await home.getByRole("button", { name: "Replace its draft" }).click();
  // What the documents left open is told before the canvas is.
  await home.getByRole("button", { name: "Open the canvas" }).or(home.getByRole("link", { name: "Open the canvas" })).click();
  await expect(home).toHaveURL(/\/flows\/calback-demo-daily$/);
});

test("a project of one's own gets a script to copy, and refusals stand at their field", async ({ home, weir, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: weir.origin });
  await home.goto(`${weir.origin}/connect`);
  await home.getByRole("textbox", { name: "Project id" }).fill("my-company-prod");
  await home.getByRole("textbox", { name: "BigQuery dataset" }).fill("analytics");
  const property = home.getByRole("textbox", { name: "GA4 property id" });
  await property.fill("G-ABC123XYZ");
  await property.press("Enter");
  await expect(property).toHaveAttribute("aria-invalid", "true");
  await expect(property).toHaveAccessibleDescription(/measurement id/);
  await property.fill("412345678");
  await property.press("Enter");
  const script = home.getByRole("textbox", { name: "The script" });
  await expect(script).toHaveValue(/gcloud services enable/);
  await home.getByRole("button", { name: "Copy the script" }).click();
  await expect(home.getByText("Copied")).toBeVisible();
  expect(await home.evaluate(() => navigator.clipboard.readText())).toBe(await script.inputValue());
  await home.reload();
  await expect(script).toHaveValue(/my-company-prod/);
});

test("a check that fails says why and can be repeated", async ({ home, weir }) => {
  await home.goto(`${weir.origin}/connect?project=calback-demo&property=412345679&dataset=calback&location=asia-northeast3&endpoint=sandbox`);
  const analytics = home.getByRole("region", { name: "Google Analytics" });
  await expect(analytics.getByText("failed")).toBeVisible();
  await expect(analytics).toContainText("412345679");
  await expect(home.getByRole("button", { name: "Make the flow and open it" })).toHaveCount(0);
  const again = home.waitForResponse(/flows\/verify/);
  await home.getByRole("button", { name: "Check again" }).click();
  expect((await again).ok()).toBe(true);
  await expect(home.getByRole("region", { name: "Firestore" }).getByRole("listitem").first()).toContainText("passed");
  await expect(analytics.getByText("failed")).toBeVisible();

  // With the property that is meant, the same checks pass and the way is open.
  await home.goto(`${weir.origin}/connect?project=calback-demo&property=412345678&dataset=calback&location=asia-northeast3&endpoint=sandbox`);
  await expect(home.getByText(/All \d+ checks passed/)).toBeVisible();
  await expect(analytics.getByText("failed")).toHaveCount(0);
  await expect(home.getByRole("button", { name: "Make the flow and open it" })).toBeEnabled();
});
