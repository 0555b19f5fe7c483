import { expect, test } from "vitest";
import { itemOutput, outputItem } from "../api/outputs";
import type { Receipt } from "../api/runs";
import { behind, wanted } from "./WentOn";

const wire = (from: string, to: string) => ({ from, output: "success", to });
const wires = { ab: wire("a", "b"), bc: wire("b", "c"), cb: wire("c", "b"), ad: wire("a", "d") };
const wrote = (node: string, key: string, file?: string): Receipt => ({ node, key, rows: 1, bytes: 1, ...(file !== undefined && { file }) });

test("what lies behind a wire is found, round a loop too", () => {
  expect([...behind(wires, "ab")].sort()).toEqual(["b", "c"]);
  expect([...behind(wires, "ad")]).toEqual(["d"]);
  expect([...behind(wires, "gone")]).toEqual([]);
});

test("the one file behind a wire is opened, else the list", () => {
  const list = [wrote("c", "out/사람.csv", "out/사람.csv"), wrote("d", "d.csv", "d.csv"), wrote("b", "project.table")];
  expect(wanted(list, behind(wires, "ab"))).toBe("outputs/c/out/사람.csv");
  expect(wanted(list, behind(wires, "ad"))).toBe("outputs/d/d.csv");
  expect(wanted(list, undefined)).toBe("outputs");
  expect(wanted(list, new Set(["b"]))).toBe("outputs");
});

test("an output's name in the URL is read back", () => {
  const one = { node: "csv", key: "out/dt=2026-11-22/a b.csv" };
  expect(itemOutput(outputItem(one))).toEqual(one);
  expect(itemOutput(outputItem())).toEqual({ node: "", key: "" });
  expect(["", "sql", "01K0AAAA", "outputsx", "outputs/csv"].map(itemOutput)).toEqual([undefined, undefined, undefined, undefined, undefined]);
});
