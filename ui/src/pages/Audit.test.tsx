import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { Audit } from "./Audit";

afterEach(cleanup);

test("the newest lines come first, and older ones when asked for", async () => {
  const line = (seq: number) => ({ seq, at: "2026-01-02T03:04:05Z", who: "kim", action: `act ${seq}` });
  const asked: string[] = [];
  globalThis.fetch = (async (url: string) => {
    asked.push(url);
    return new Response(JSON.stringify(url.includes("before=") ? { lines: [line(1)] } : { lines: [line(3), line(2)], next: 2 }), { status: 200 });
  }) as typeof fetch;
  render(<QueryClientProvider client={new QueryClient()}><Audit /></QueryClientProvider>);
  await userEvent.click(await screen.findByRole("button", { name: "Show more" }));
  await screen.findByText("act 1");
  expect(screen.getAllByText(/^act \d$/).map((x) => x.textContent)).toEqual(["act 3", "act 2", "act 1"]);
  expect(asked).toEqual(["/api/v1/audit?newest=true&limit=200", "/api/v1/audit?newest=true&limit=200&before=2"]);
  expect(screen.queryByRole("button")).toBeNull();
});
