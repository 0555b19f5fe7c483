import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { speak } from "../words";
import { NextSlots } from "./NextSlots";

afterEach(() => {
  cleanup();
  speak("en");
  vi.unstubAllGlobals();
});

const show = (status: number, answer: unknown) => {
  const asked: unknown[] = [];
  vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
    asked.push(JSON.parse(String(init.body)));
    return Promise.resolve(new Response(JSON.stringify(answer), { status, headers: { "Content-Type": "application/json" } }));
  });
  render(<QueryClientProvider client={new QueryClient()}><NextSlots schedule={{ every: "day", at: "02:00", zone: "Asia/Seoul" }} /></QueryClientProvider>);
  return asked;
};
const next = [{ slot: "2026-11-23", at: "2026-11-24T02:00:00+09:00", zone: "KST", start: "2026-11-23T00:00:00+09:00", end: "2026-11-24T00:00:00+09:00" }];

test("the next firings are those of the server, with their zone and slot", async () => {
  const asked = show(200, { next });
  const item = await screen.findByRole("listitem");
  expect(item.textContent).toMatch(/Tue, Nov 24.*02:00 KST → slot 2026-11-23/);
  expect(asked).toEqual([{ schedule: { every: "day", at: "02:00", zone: "Asia/Seoul" } }]);
});

test("they are told in Korean", async () => {
  speak("ko");
  show(200, { next });
  expect((await screen.findByRole("listitem")).textContent).toMatch(/11월 24일.*02:00 KST → 2026-11-23 구간/);
});
