import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { usePlace } from "./place";

afterEach(cleanup);

const address = () => `${location.pathname}${location.search}`;

test("what is opened on the canvas stands beside what is open there", () => {
  history.replaceState(null, "", "/flows/shop?open=csv&tab=docs");
  const { result } = renderHook(usePlace);
  act(() => result.current[1]({ drawer: "runs" }));
  expect(address()).toBe("/flows/shop?open=csv&tab=docs&drawer=runs");
  act(() => result.current[1]({ open: "wire:w" }));
  expect(address()).toBe("/flows/shop?open=wire%3Aw&drawer=runs");
});

test("what is opened from another page of the flow leads to its canvas", () => {
  history.replaceState(null, "", "/flows/shop/parameters");
  const { result } = renderHook(usePlace);
  act(() => result.current[1]({ group: "", open: "csv" }));
  expect(address()).toBe("/flows/shop?open=csv");
  expect(result.current[0].open).toBe("csv");
  history.replaceState(null, "", "/flows/shop/versions");
  act(() => result.current[1]({ group: "", open: "" }));
  expect(address()).toBe("/flows/shop");
});
