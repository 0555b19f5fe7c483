import { expect, test } from "vitest";
import { HitGrid } from "./hit";

const box = (id: string, x: number, y: number) => ({ id, x, y, w: 208, h: 92 });

test("a point finds the card under it, and the last drawn of two", () => {
  const grid = new HitGrid([box("a", 0, 0), box("b", 100, 40), box("far", 5000, -3000)]);
  expect(grid.at({ x: 10, y: 10 })?.id).toBe("a");
  expect(grid.at({ x: 150, y: 60 })?.id).toBe("b");
  expect(grid.at({ x: 5208, y: -2908 })?.id).toBe("far");
  expect(grid.at({ x: 400, y: 10 })).toBeUndefined();
});

test("room round the point helps where cards are tiny", () => {
  const grid = new HitGrid([box("a", 0, 0)]);
  expect(grid.at({ x: 218, y: 10 })).toBeUndefined();
  expect(grid.at({ x: 218, y: 10 }, 20)?.id).toBe("a");
});

test("a lasso finds all it touches, across cells and below zero", () => {
  const boxes = Array.from({ length: 2000 }, (_, i) => box(`n${i}`, (i % 50) * 300 - 7000, Math.floor(i / 50) * 150 - 3000));
  const grid = new HitGrid(boxes);
  const area = { x: -1000, y: -1000, w: 2500, h: 1400 };
  const want = boxes.filter((b) => b.x < area.x + area.w && b.x + b.w > area.x && b.y < area.y + area.h && b.y + b.h > area.y);
  expect([...grid.within(area)].map((b) => b.id).sort()).toEqual(want.map((b) => b.id).sort());
});
