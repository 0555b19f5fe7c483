import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { speak } from "../words";
import { FlowRow } from "./FlowRow";
import { Home } from "./Home";
import { stateOf } from "./flow";

afterEach(cleanup);

function show(n: number) {
  const flows = Array.from({ length: n }, (_, i) => ({ id: `orders-${i}`, name: i === 3 ? "Users" : `Orders ${i}`, version: 1, mode: "runs", status: {} }));
  globalThis.fetch = (async () => new Response(JSON.stringify({ flows }), { status: 200 })) as typeof fetch;
  render(<QueryClientProvider client={new QueryClient()}><Home /></QueryClientProvider>);
}

test("many flows are searched by name and id, and none found is said", async () => {
  show(30);
  const find = await screen.findByRole("searchbox", { name: "Find a flow" });
  fireEvent.change(find, { target: { value: "users" } });
  expect(screen.getAllByRole("link", { name: /Users|Orders/ }).map((a) => a.textContent)).toEqual(["Users"]);
  fireEvent.change(find, { target: { value: "zzz" } });
  expect(screen.getByText("No flow has “zzz” in its name or id.")).toBeDefined();
});

test("a name leads to its flow in one step of the history, and a new tab is the browser's", async () => {
  show(4);
  const link = await screen.findByRole("link", { name: "Users" });
  const steps = window.history.length;
  expect(fireEvent.click(link, { ctrlKey: true })).toBe(true);
  expect(window.history.length).toBe(steps);
  expect(fireEvent.click(link)).toBe(false);
  expect(window.history.length).toBe(steps + 1);
  expect(window.location.pathname).toBe("/flows/orders-3");
});

test("few flows need no search", async () => {
  show(4);
  await screen.findByRole("link", { name: "Users" });
  expect(screen.queryByRole("searchbox")).toBeNull();
});

test("a flow whose schedule is off is not said to be stopped", () => {
  const flow = { id: "f", version: 1, mode: "runs" as const, schedule: { every: "day", zone: "Asia/Seoul" } };
  expect(stateOf({ ...flow, status: {} })).toBe("off");
  expect(stateOf({ ...flow, status: { enabled: true } })).toBe("scheduled");
  expect(stateOf({ ...flow, mode: "continuous", status: {} })).toBe("stopped");
});

test("a run's dot is named in words, in the language of the pages", () => {
  const f = { id: "f", version: 1, status: {}, last: [{ run: "r", slot: "2026-01-02", state: "SUCCESS" }] };
  speak("ko");
  render(<table><tbody><FlowRow flow={f} /></tbody></table>);
  const name = screen.getAllByRole("link").at(-1)?.getAttribute("aria-label");
  speak("en");
  expect(name).toMatch(/^2026-01-02 [가-힣]+$/);
});

test("a schedule is turned on in the list, where there is one in force; a refusal is told", async () => {
  const asked: string[] = [];
  const f = { id: "f", name: "Orders", version: 2, mode: "runs" as const, schedule: { every: "day", zone: "Asia/Seoul" }, status: {} as { enabled?: boolean } };
  let refused = false;
  globalThis.fetch = (async (url: string, init?: RequestInit) => {
    if (init?.method === "POST") asked.push(url);
    return refused ? new Response(JSON.stringify({ code: "flow_has_no_schedule", title: "none" }), { status: 422 }) : new Response("{}", { status: 200 });
  }) as typeof fetch;
  const row = (flow: typeof f) => <QueryClientProvider client={new QueryClient()}><table><tbody><FlowRow flow={flow} /></tbody></table></QueryClientProvider>;
  const { rerender } = render(row({ ...f, version: 0 }));
  expect(screen.queryByRole("switch")).toBeNull();
  rerender(row(f));
  const at = window.location.pathname;
  fireEvent.click(screen.getByRole("switch", { name: "Schedule of Orders" }));
  await waitFor(() => expect(asked).toEqual(["/api/v1/flows/f/enable"]));
  rerender(row({ ...f, status: { enabled: true } }));
  refused = true;
  fireEvent.click(screen.getByRole("switch", { name: "Schedule of Orders" }));
  await screen.findByRole("alert");
  expect(asked[1]).toBe("/api/v1/flows/f/disable");
  expect(window.location.pathname).toBe(at); // the row's own click did not happen
});
