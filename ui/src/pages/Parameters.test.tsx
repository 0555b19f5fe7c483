import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { EditorContext } from "../editor/context";
import { openEditor } from "../editor/store";
import { sample } from "../editor/testing/flow";
import { TestServer } from "../editor/testing/server";
import { speak } from "../words";
import { Parameters } from "./Parameters";

afterEach(cleanup);

test("what is typed about a parameter that somebody deletes makes no half of one", async () => {
  speak("en");
  const server = new TestServer(sample());
  const editor = openEditor(server.draft(), server.save("ann"), "ann");
  render(<QueryClientProvider client={new QueryClient()}><EditorContext value={editor}><Parameters /></EditorContext></QueryClientProvider>);
  fireEvent.change(screen.getByRole("textbox", { name: "Meaning of day" }), { target: { value: "which day" } });
  await act(async () => {
    editor.receive({ rev: 2, ops: [{ path: ["parameters", "day"] }], client: "bob", who: "bob", label: "drop", at: "" });
    await editor.idle();
  });
  expect(editor.store.getState().doc.parameters?.["day"]).toBeUndefined();
  expect(editor.store.getState().notice?.key).toBe("inspector.gone");
});

test("the focus stays in the row of a parameter that is given another name, by Enter and by Tab", async () => {
  speak("en");
  const user = userEvent.setup();
  const server = new TestServer({ ...sample(), parameters: { day: { type: "string" }, zone: { type: "string" } } });
  const editor = openEditor(server.draft(), server.save("ann"), "ann");
  render(<QueryClientProvider client={new QueryClient()}><EditorContext value={editor}><Parameters /></EditorContext></QueryClientProvider>);
  const name = screen.getByRole("textbox", { name: "Name of day" });
  await user.clear(name);
  await user.type(name, "today{Enter}");
  expect(editor.store.getState().doc.parameters?.["today"]).toBeDefined();
  expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Name of today" }));
  await user.clear(screen.getByRole("textbox", { name: "Name of today" }));
  await user.type(screen.getByRole("textbox", { name: "Name of today" }), "day{Tab}");
  expect(document.activeElement).toBe(screen.getByRole("combobox", { name: "Type of day" }));
  // The name that became free is another parameter's row.
  const zone = screen.getByRole("textbox", { name: "Name of zone" });
  await user.clear(zone);
  await user.type(zone, "today{Enter}");
  expect(Object.keys(editor.store.getState().doc.parameters ?? {}).toSorted()).toEqual(["day", "today"]);
  expect(screen.getAllByRole("textbox", { name: /^Name of/ })).toHaveLength(2);
});
