import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Board } from "./canvas";
import { Keys } from "./keys";
import { expect, test } from "./weir";

test("the same flow is built, wired, published and run by keyboard alone", async ({ weir, home }) => {
  const keys = new Keys(home);
  const board = new Board(home);
  await keys.tabTo("button", /New flow/);
  await keys.press("Enter");
  await expect(home.getByRole("textbox", { name: "Name" })).toBeFocused();
  await keys.type("By keys");
  await keys.press("Enter");
  await expect(board.canvas).toBeVisible();

  await keys.tabTo("application", /^Canvas of /);
  await keys.add("GenerateFlowFile");
  await keys.field("Count", "1");
  await keys.canvas();
  await keys.add("RouteOnAttribute");
  await keys.tabTo("button", "Add to Routes");
  await keys.press("Enter");
  await keys.tabTo("textbox", "Routes, name 1");
  await keys.type("all");
  await keys.press("Tab");
  await keys.tabTo("combobox", /^Routes, value of/);
  await keys.type("${number:gt(0)}");
  await keys.press("Enter");
  await keys.canvas();
  await keys.add("WriteCSV");
  await keys.field("Path", "out/keys.csv");

  // Wires: C, the target's name, Enter; several outputs are chosen in a form.
  await keys.canvas();
  await keys.press("Home");
  await expect(board.card("generate-flow-file")).toHaveClass(/focus/);
  await keys.press("c");
  await keys.type("route");
  await keys.press("Enter");
  await expect(board.wires).toHaveCount(1);
  await keys.press("Tab");
  await expect(board.card("route-on-attribute")).toHaveClass(/focus/);
  await keys.press("c");
  await keys.type("write");
  await keys.press("Enter");
  const pick = home.getByRole("dialog", { name: "Connect" });
  await expect(pick).toBeVisible();
  await keys.tabTo("checkbox", "all");
  if (!(await pick.getByRole("checkbox", { name: "all" }).isChecked())) await keys.press("Space");
  for (const other of ["unmatched", "failure"]) {
    if (!(await pick.getByRole("checkbox", { name: other }).isChecked())) continue;
    await keys.tabTo("checkbox", other);
    await keys.press("Space");
  }
  await keys.press("Enter");
  await expect(board.wires).toHaveCount(2);

  // Undo and redo take the wire away and bring it back.
  await keys.press("ControlOrMeta+z");
  await expect(board.wires).toHaveCount(1);
  await keys.press("ControlOrMeta+Shift+z");
  await expect(board.wires).toHaveCount(2);

  // What is left over ends here: one chord for all that is selected.
  await keys.press("ControlOrMeta+a", "Alt+t");
  await keys.press("Escape");

  // A copy is pasted and undone.
  await keys.press("Home", "ControlOrMeta+c", "ControlOrMeta+v");
  await expect(board.card("generate-flow-file-2")).toBeVisible();
  await keys.press("ControlOrMeta+z");
  await expect(board.card("generate-flow-file-2")).toHaveCount(0);

  // The content becomes records by the form's own keys.
  await keys.press("Home", "Enter");
  await keys.tabTo("combobox", "Content");
  await keys.type("records");
  await keys.tabTo("button", "Add a column");
  await keys.press("Enter");
  await keys.tabTo("textbox", "Name of column 1");
  await keys.type("id");
  await keys.press("Enter");
  await board.saved();

  await keys.press("ControlOrMeta+s");
  await expect(home.getByRole("dialog")).toBeVisible();
  await expect(home.getByRole("dialog").getByRole("button", { name: "Publish" })).toBeFocused();
  await keys.press("Enter");
  await expect(home.getByRole("dialog")).toBeHidden();
  await keys.canvas();
  await keys.press("Shift+r");
  await keys.tabTo("button", "Start the run");
  await keys.press("Enter");
  await expect(board.drawer.getByRole("region", { name: /^Run / }).getByText(/^(succeeded|failed|partial|cancelled)$/).first()).toHaveText("succeeded", { timeout: 30_000 });
  const file = join(weir.data, "files/out/keys.csv");
  expect(existsSync(file)).toBe(true);
  expect(readFileSync(file, "utf8").trimEnd().split("\n")).toHaveLength(101);
});
