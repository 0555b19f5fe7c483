import { expect, test } from "vitest";
import { keepTab, keptTab, tabOfPath } from "./tabs";

test("a problem leads to the tab where it is mended", () => {
  expect(tabOfPath("nodes.a.settings.path")).toBe("properties");
  expect(tabOfPath("nodes.a.kind")).toBe("properties");
  expect(tabOfPath("nodes.a.every")).toBe("scheduling");
  expect(tabOfPath("nodes.a.terminate[1]")).toBe("ports");
  expect(tabOfPath("nodes.a.inputs.left.on_empty")).toBe("ports");
  expect(tabOfPath("nodes.a")).toBe("ports");
  expect(tabOfPath("connections.w.limit")).toBe("");
});

test("the tab is kept for each kind, and Runs across kinds until another is chosen", () => {
  expect(keptTab("ReadCSV")).toBe("properties");
  keepTab("ReadCSV", "ports");
  expect(keptTab("ReadCSV")).toBe("ports");
  expect(keptTab("WriteCSV")).toBe("properties");
  keepTab("ReadCSV", "runs");
  expect(keptTab("WriteCSV")).toBe("runs");
  keepTab("WriteCSV", "docs");
  expect([keptTab("WriteCSV"), keptTab("ReadCSV")]).toEqual(["docs", "ports"]);
});
