import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connectLive } from "../live/socket";
import { useRuns } from "./useRuns";

class FakeWire {
  static last: FakeWire;
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor() {
    FakeWire.last = this;
  }
  send() {}
  close() {}
}

let runs: { id: string; state: string }[];

beforeEach(() => {
  connectLive(FakeWire, "ws://x");
  runs = [];
  vi.stubGlobal("fetch", async () => Response.json({ runs }));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function List() {
  return <p>{useRuns("shop").runs.map((r) => `${r.id} ${r.state}`).join(", ") || "none"}</p>;
}

test("runs that came and went while the socket was away are in the list once it is back", async () => {
  render(<QueryClientProvider client={new QueryClient()}><List /></QueryClientProvider>);
  expect(await screen.findByText("none")).toBeTruthy();
  runs = [{ id: "R", state: "SUCCESS" }];
  act(() => {
    FakeWire.last.onopen?.();
    FakeWire.last.onmessage?.({ data: JSON.stringify({ type: "hello" }) });
  });
  expect(await screen.findByText("R SUCCESS")).toBeTruthy();
});
