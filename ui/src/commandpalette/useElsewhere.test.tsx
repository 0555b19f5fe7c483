import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { speak } from "../words";
import { useElsewhere } from "./useElsewhere";

beforeEach(() => vi.stubGlobal("fetch", async () => Response.json({ flows: [], runs: [] })));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  speak("en");
});

test("each page of the flow and of the server is found by its name, and leads there", () => {
  speak("ko");
  history.replaceState(null, "", "/flows/shop/versions");
  const { result } = renderHook(() => useElsewhere("shop", vi.fn()), { wrapper: ({ children }) => <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider> });
  const pages = result.current.filter((e) => e.type === "page");
  expect(pages.map((p) => p.name)).toEqual(expect.arrayContaining(["캔버스", "매개변수", "서비스", "플로 설정", "버전", "서버", "시크릿", "토큰", "감사 기록"]));
  const went = pages.map((p) => {
    p.run();
    return `${location.pathname}${location.search}`;
  });
  expect(went).toEqual([
    "/flows/shop", "/flows/shop?drawer=runs", "/flows/shop/parameters", "/flows/shop/services", "/flows/shop/settings", "/flows/shop/versions",
    "/settings/server", "/settings/secrets", "/settings/tokens", "/settings/audit",
  ]);
});
