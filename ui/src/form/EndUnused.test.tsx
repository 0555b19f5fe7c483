import { act, cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import type { Problem } from "../api/wire";
import { EndUnused } from "./EndUnused";
import { trial } from "./testing/trial";

afterEach(cleanup);

const loose = (node: string, output: string): Problem => ({ code: "node_output_unwired", path: `nodes.${node}`, node, args: { node, output } });
const doc = { weir: 1 as const, id: "f", mode: "runs" as const, nodes: { route: { kind: "Route", terminate: ["spam"] }, write: { kind: "Write" } } };

test("all outputs that lead nowhere are ended in one step, which can be undone", async () => {
  const tr = trial(doc, <EndUnused />);
  expect(screen.queryByRole("button")).toBeNull();
  act(() => tr.editor.store.setState({ problems: [loose("route", "unmatched"), loose("route", "hot"), loose("write", "success"), { code: "setting_missing", path: "nodes.write.settings.path", node: "write" }] }));
  await userEvent.click(screen.getByRole("button", { name: "End unused outputs" }));
  expect(tr.doc().nodes["route"]?.terminate).toEqual(["hot", "spam", "unmatched"]);
  expect(tr.doc().nodes["write"]?.terminate).toEqual(["success"]);
  act(() => tr.editor.undo());
  expect(tr.doc().nodes["route"]?.terminate).toEqual(["spam"]);
});

test("those of one node alone", async () => {
  const tr = trial(doc, <EndUnused node="write" />);
  act(() => tr.editor.store.setState({ problems: [loose("route", "unmatched"), loose("write", "success")] }));
  await userEvent.click(screen.getByRole("button"));
  expect(tr.doc().nodes["route"]?.terminate).toEqual(["spam"]);
  expect(tr.doc().nodes["write"]?.terminate).toEqual(["success"]);
});
