import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Board } from "./canvas";
import { expect, test } from "./weir";

test("a newcomer builds records -> route -> CSV by mouse, runs it and finds the file", async ({ weir, home }) => {
  const board = await Board.make(home, "First steps");
  await expect(board.canvas.getByText("Nothing here yet")).toBeVisible();

  await board.dropKind("GenerateFlowFile", { x: 140, y: 120 });
  await board.choose("Content", "records");
  await board.columns([["id", "int64"], ["name", "string"]]);
  await board.fill("Rows", "25");
  await board.quickAdd("RouteOnAttribute", { x: 420, y: 260 });
  await board.inspector.getByRole("button", { name: "Add to Routes" }).click();
  await board.inspector.getByRole("textbox", { name: "Routes, name 1" }).fill("large");
  await board.inspector.getByRole("textbox", { name: "Routes, name 1" }).press("Tab");
  await board.inspector.getByRole("combobox", { name: /^Routes, value of/ }).fill("${number:gt(0)}");
  await board.inspector.getByRole("combobox", { name: /^Routes, value of/ }).press("Enter");
  await board.quickAdd("WriteCSV", { x: 300, y: 480 });
  await board.fill("Path", "out/first.csv");

  await board.connect("generate-flow-file", "route-on-attribute");
  await board.connect("route-on-attribute", "write-csv", { output: "large" });
  await board.open("route-on-attribute");
  await board.end("unmatched", "failure");
  await board.open("write-csv");
  await board.end("success");
  await board.saved();

  await board.publish();
  await board.run("succeeded");
  await board.drawer.getByRole("tab", { name: /^Outputs/ }).click();
  await expect(board.drawer.getByText("out/first.csv")).toBeVisible();
  await expect(board.card("write-csv")).toHaveAttribute("aria-label", /done/);
  const file = join(weir.data, "files/out/first.csv");
  expect(existsSync(file)).toBe(true);
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  expect(lines[0]).toBe("id,name");
  expect(lines.filter((l) => /^\d+,/.test(l))).toHaveLength(25);
});

test("the short way: the plus of an output, types from a list, unused outputs ended by one click, the rows read", async ({ home }) => {
  const board = await Board.make(home, "Short way");
  const choose = async (kind: string) => {
    const asked = home.getByRole("dialog", { name: "Add a processor" });
    await asked.getByRole("combobox").fill(kind);
    await home.keyboard.press("Enter");
    await expect(asked).toBeHidden();
  };
  await board.canvas.dblclick({ position: { x: 140, y: 120 } });
  await choose("gen");
  await board.choose("Content", "records");
  await board.inspector.getByRole("button", { name: "Add a column" }).click();
  await home.keyboard.type("id"); // the new row has the focus
  await board.inspector.getByRole("combobox", { name: "Type of column 1" }).click();
  await board.inspector.getByRole("option", { name: "int64" }).click();
  await home.keyboard.press("Enter");
  await board.card("generate-flow-file").getByRole("button", { name: "Add after output success" }).click();
  await choose("route");
  await board.inspector.getByRole("button", { name: "Add to Routes" }).click();
  await home.keyboard.type("all");
  await home.keyboard.press("Tab");
  await home.keyboard.insertText("${number:gt(0)}");
  await home.keyboard.press("Enter");
  await board.card("route-on-attribute").getByRole("button", { name: "Add after output all" }).click();
  await choose("csv");
  await board.fill("Path", "out/short.csv");
  await home.getByRole("banner").getByRole("button", { name: /problem/ }).click();
  await board.drawer.getByRole("button", { name: "End unused outputs" }).click();
  await board.publish();
  await board.run("succeeded");
  await board.drawer.getByRole("tab", { name: /^Outputs/ }).click();
  await board.drawer.getByRole("button", { name: /^Read/ }).first().click();
  await expect(board.drawer.getByRole("columnheader", { name: /id/ })).toBeVisible();
});
