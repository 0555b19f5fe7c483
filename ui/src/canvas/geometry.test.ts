import { expect, test } from "vitest";
import { along, bounds, curve, distance, fit, overviewBelow, spark, stepOf, wide, widthOf } from "./geometry";

test("a wire starts and ends at its ports, and the pill lies on it", () => {
  const from = { x: 100, y: 50 };
  const to = { x: 400, y: 250 };
  expect(curve(from, to)).toBe("M100,50 C250,50 250,250 400,250");
  expect(along(from, to, 0)).toEqual(from);
  expect(along(from, to, 1)).toEqual(to);
  expect(distance(along(from, to, 0.5), from, to)).toBeLessThan(1);
  expect(distance({ x: 250, y: 400 }, from, to)).toBeGreaterThan(100);
});

test("a wire that goes back bows out on both sides", () => {
  expect(along({ x: 400, y: 0 }, { x: 100, y: 0 }, 0.1).x).toBeGreaterThan(400);
});

test("fullness has four steps and a width", () => {
  expect([0, 49, 50, 79, 80, 99, 100, 130].map(stepOf)).toEqual(["calm", "calm", "filling", "filling", "high", "high", "full", "full"]);
  expect([0, 50, 100, 300].map(widthOf)).toEqual([1.5, 2.75, 4, 4]);
});

test("a sparkline needs two values and stays in its box", () => {
  expect(spark([1], 100, 14)).toBe("");
  expect(spark([0, 0], 100, 14)).toBe("M0,13 L100,13");
  expect(spark([0, 5, 10], 100, 14)).toBe("M0,13 L50,7 L100,1");
});

test("texts with Korean are wider than their count of letters", () => {
  expect(wide("정제", 10)).toBe(20);
  expect(wide("ab", 10)).toBeLessThan(14);
});

test("fitting shows all, never larger than life; the overview is known before anything is drawn", () => {
  const frame = { w: 1000, h: 600 };
  const small = fit({ x: 0, y: 0, w: 208, h: 92 }, frame);
  expect(small.zoom).toBe(1);
  expect(small.x + 104).toBe(500);
  const many = Array.from({ length: 2000 }, (_, i) => ({ x: (i % 50) * 300, y: Math.floor(i / 50) * 150, w: 208, h: 92 }));
  const view = fit(bounds(many), frame);
  expect(view.zoom).toBeLessThan(overviewBelow);
  expect(many.every((b) => b.x * view.zoom + view.x >= 0 && (b.x + b.w) * view.zoom + view.x <= frame.w)).toBe(true);
  expect(fit(undefined, frame)).toEqual({ x: 500, y: 300, zoom: 1 });
});
