import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
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
