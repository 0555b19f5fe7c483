import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { DataGrid } from "./DataGrid";

// A page without a layout has no sizes: the window over the rows gets one here.
beforeAll(() => {
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => 400 });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, get: () => 800 });
  HTMLElement.prototype.scrollTo = function scrollTo(this: HTMLElement, to?: ScrollToOptions | number) {
    if (typeof to === "object") this.scrollTop = to.top ?? this.scrollTop;
    this.dispatchEvent(new Event("scroll"));
  } as typeof HTMLElement.prototype.scrollTo;
});
afterEach(cleanup);

const columns = [{ name: "이름", type: "string" }, { name: "주소", type: "json" }, { name: "amount", type: "int64" }];
const rows = Array.from({ length: 10_000 }, (_, i) => [`김민수 ${i}`, i === 1 ? null : { city: "서울" }, i]);

test("10,000 rows with Korean text draw only what is in view", () => {
  render(<DataGrid label="records" columns={columns} rows={rows} />);
  const grid = screen.getByRole("grid", { name: "records" });
  expect(grid.getAttribute("aria-rowcount")).toBe("10001");
  expect(within(grid).getByRole("gridcell", { name: "김민수 0" })).toBeTruthy();
  expect(within(grid).getByRole("columnheader", { name: /이름/ })).toBeTruthy();
  expect(within(grid).getAllByRole("gridcell").length).toBeLessThan(150);
  expect(within(grid).getByRole("gridcell", { name: "null" })).toBeTruthy();
  expect(within(grid).getAllByRole("gridcell", { name: '{"city":"서울"}' }).length).toBeGreaterThan(5);
});

test("arrows walk over cells, and the cell is told", () => {
  const told = vi.fn();
  render(<DataGrid label="records" columns={columns} rows={rows} onCell={told} />);
  const grid = screen.getByRole("grid");
  fireEvent.keyDown(grid, { key: "ArrowDown" });
  fireEvent.keyDown(grid, { key: "ArrowRight" });
  expect(told).toHaveBeenLastCalledWith({ row: 1, column: 1 });
  expect(grid.getAttribute("aria-activedescendant")).toMatch(/-1-1$/);
  fireEvent.keyDown(grid, { key: "ArrowUp" });
  fireEvent.keyDown(grid, { key: "ArrowUp" });
  expect(told).toHaveBeenLastCalledWith({ row: 0, column: 1 });
});

test("more rows are asked for near the end alone", () => {
  const end = vi.fn();
  const { rerender } = render(<DataGrid label="records" columns={columns} rows={rows} onEnd={end} />);
  expect(end).not.toHaveBeenCalled();
  rerender(<DataGrid label="records" columns={columns} rows={rows.slice(0, 40)} onEnd={end} />);
  expect(end).toHaveBeenCalled();
});
