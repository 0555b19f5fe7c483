import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
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
