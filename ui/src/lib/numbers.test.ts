import { expect, test } from "vitest";
import { bytes, micros, millis, short } from "./numbers";

test("counts are short", () => {
  expect([0, 7, 999, 1000, 5123, 9960, 12_345, 999_600, 5_100_000].map(short)).toEqual(["0", "7", "999", "1.0k", "5.1k", "10k", "12k", "1.0M", "5.1M"]);
  expect(short(0.25)).toBe("0.3");
});

test("sizes carry their unit", () => {
  expect([0, 512, 3_000_000, 78_200_000].map(bytes)).toEqual(["0 B", "512 B", "3.0 MB", "78 MB"]);
});

test("durations take the unit that fits", () => {
  expect([850, 5_100, 51_000, 2_100_000].map(micros)).toEqual(["850 µs", "5.1 ms", "51 ms", "2.1 s"]);
  expect([90_000, 3 * 3_600_000, 5 * 86_400_000].map(millis)).toEqual(["2 min", "3 h", "5 d"]);
});
