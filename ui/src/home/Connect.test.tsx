import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Connect } from "./Connect";

const step = (node: string, state: "ok" | "failed" | "skipped") => ({ node, step: { code: "step" }, state });
const all = (state: "ok" | "failed") => ["gcp", "firestore", "analytics", "bigquery"].map((node) => step(node, node === "bigquery" ? state : "ok"));
const found: Record<string, object> = {
  collections: { items: [{ value: "users" }, { value: "calls" }], likely: "users", second: "calls" }, fields: { items: [{ value: "uid" }], likely: "uid" },
  dimensions: { items: [{ value: "customUser:id" }], likely: "customUser:id" }, datasets: { items: [] }, zone: { items: [], likely: "Asia/Seoul" },
};
const own = "/connect?project=my-company-prod&property=412345678&dataset=analytics&location=US";

const patience = { timeout: 10_000 };
vi.setConfig({ testTimeout: 30_000 });

let steps = all("ok");
let refused: object | undefined;
let sent: { path: string; body: Record<string, unknown> }[] = [];

/** server answers as the setup's operations do. */
async function server(url: string, init?: RequestInit): Promise<Response> {
  const path = url.replace("/api/v1", "");
  const body = JSON.parse(String(init?.body ?? "{}")) as Record<string, unknown>;
  if (init?.method === "POST") sent.push({ path, body });
  const answer = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status });
  switch (path) {
    case "/setup/script": return refused === undefined ? answer({ script: "gcloud services enable", email: "weir@example.com" }) : answer(refused, 422);
    case "/setup/checks": return answer({ doc: { id: "checks" } });
    case "/flows/verify": return answer({ steps });
    case "/setup/find": return answer(found[String(body["what"])]);
    case "/setup/flow": return body["replace"] === true ? answer({ flow: "my-company-prod-daily" }) : answer({ code: "flow_id_taken", args: { flow: "my-company-prod-daily" } }, 409);
    default: return path.startsWith("/words") ? answer({ texts: {} }) : answer({ code: "not_found" }, 404);
  }
}

/** at opens the page and tells how far each of its five steps is. */
function at(path: string): () => string {
  history.replaceState(null, "", path);
  render(<QueryClientProvider client={new QueryClient()}><Connect /></QueryClientProvider>);
  return () => [...document.querySelectorAll("main ol > li[data-state]")].filter((li) => li.querySelector("h2") !== null).map((li) => li.getAttribute("data-state")).join(" ");
}

beforeEach(() => {
  steps = all("ok");
  refused = undefined;
  sent = [];
  vi.stubGlobal("fetch", server);
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("a project is said first, and a refusal stands at its field until that is mended", async () => {
  const steps_ = at("/connect");
  expect(steps_()).toBe("now later later later later");
  const go = screen.getByRole("button", { name: "Continue" });
  expect(go.hasAttribute("disabled")).toBe(true);
  await userEvent.type(screen.getByRole("textbox", { name: "Project id" }), " my-company-prod ");
  await userEvent.type(screen.getByRole("textbox", { name: "BigQuery dataset" }), "analytics");
  const property = screen.getByRole("textbox", { name: "GA4 property id" });
  await userEvent.type(property, "G-1");
  refused = { code: "ga4_property_measurement", args: { value: "G-1" } };
  await userEvent.click(go);
  await vi.waitFor(() => expect(property.getAttribute("aria-invalid")).toBe("true"), patience);
  expect(steps_()).toBe("now later later later later");
  refused = undefined;
  await userEvent.clear(property);
  expect(property.getAttribute("aria-invalid")).toBe(null);
  await userEvent.type(property, "412345678");
  await userEvent.click(go);
  await vi.waitFor(() => expect(steps_()).toBe("done now now later later"), patience);
  expect(location.search).toContain("project=my-company-prod&");
});

test("nothing is asked of Google until that is wanted; what fails keeps the way shut until it passes", async () => {
  steps = all("failed");
  const steps_ = at(own);
  await screen.findByRole("textbox", { name: "The script" });
  expect(steps_()).toBe("done now now later later");
  expect(sent.map((s) => s.path)).toEqual(["/setup/script"]);
  await userEvent.click(screen.getByRole("button", { name: "Check now" }));
  await screen.findByText("1 check failed", {}, patience);
  expect(within(screen.getByRole("region", { name: "BigQuery" })).getByText("failed")).toBeTruthy();
  expect(steps_()).toBe("done now now later later");
  steps = all("ok");
  await userEvent.click(screen.getByRole("button", { name: "Check again" }));
  await screen.findByText("All 4 checks passed", {}, patience);
  await vi.waitFor(() => expect(steps_()).toBe("done done done done now"), patience);
});

test("the likely is chosen, and a flow that is there is replaced only when that is said", async () => {
  const steps_ = at(`${own}&endpoint=sandbox`);
  await vi.waitFor(() => expect(steps_()).toBe("done done done done now"), patience);
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Collection of meetings" }), "");
  await userEvent.click(screen.getByRole("button", { name: "Make the flow and open it" }));
  await userEvent.click(await screen.findByRole("button", { name: "Replace its draft" }));
  await vi.waitFor(() => expect(location.pathname).toBe("/flows/my-company-prod-daily"), patience);
  const made = sent.filter((s) => s.path === "/setup/flow").map((s) => s.body);
  expect(made).toEqual([{
    project: "my-company-prod", property: "412345678", dataset: "analytics", location: "US", endpoint: "sandbox",
    users: "users", users_key: "uid", dimension: "customUser:id", zone: "Asia/Seoul", at: "06:00",
  }, { ...made[0], replace: true }]);
});

test("another collection of users forgets the field that was chosen of the first", async () => {
  at(`${own}&endpoint=sandbox`);
  const key = await screen.findByRole("combobox", { name: "Field that names a user" });
  await vi.waitFor(() => expect((key as HTMLSelectElement).value).toBe("uid"), patience);
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Collection of users" }), "calls");
  await vi.waitFor(() => expect(sent.filter((s) => s.body["what"] === "fields").map((s) => s.body["collection"])).toEqual(["users", "calls"]), patience);
});

test("changing the project leads back to its values", async () => {
  const steps_ = at(own);
  await userEvent.click(await screen.findByRole("button", { name: "Change" }));
  expect(steps_()).toBe("now later later later later");
  expect((screen.getByRole("textbox", { name: "Project id" }) as HTMLInputElement).value).toBe("my-company-prod");
});
