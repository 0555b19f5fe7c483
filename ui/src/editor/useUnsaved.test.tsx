import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { CommitInput } from "../ds/TextInput";
import { type Editor, openEditor } from "./store";
import { sample } from "./testing/flow";
import { TestServer } from "./testing/server";
import { useUnsaved } from "./useUnsaved";

afterEach(cleanup);

/** leaving tells whether the browser would ask. */
function leaving(): boolean {
  const e = new Event("beforeunload", { cancelable: true });
  window.dispatchEvent(e);
  return e.defaultPrevented;
}

function open(server: TestServer): Editor {
  const editor = openEditor(server.draft(), server.save("ann"), "ann", { retryAfter: 1 });
  function Page() {
    useUnsaved(editor);
    return <CommitInput aria-label="Name" value="" onCommit={(value) => editor.change("rename", [{ path: ["nodes", "csv", "name"], value }])} />;
  }
  render(<Page />);
  return editor;
}

test("the page asks before it is left while the server lacks an edit, and not once it has it", async () => {
  const server = new TestServer(sample());
  const editor = open(server);
  expect(leaving()).toBe(false);
  server.away = true;
  editor.change("rename", [{ path: ["nodes", "csv", "name"], value: "x" }]);
  await vi.waitFor(() => expect(editor.store.getState().saving).toBe("offline"));
  expect(leaving()).toBe(true);
  server.away = false;
  await editor.idle();
  expect(leaving()).toBe(false);
  cleanup();
  editor.change("rename", [{ path: ["nodes", "csv", "name"], value: "y" }]);
  expect(leaving()).toBe(false);
  await editor.idle();
});

test("what is being typed counts as an edit, and is sent", async () => {
  const server = new TestServer(sample());
  const editor = open(server);
  const box = screen.getByRole("textbox", { name: "Name" });
  box.focus();
  fireEvent.change(box, { target: { value: "쓰는 중" } });
  expect(leaving()).toBe(true);
  await editor.idle();
  expect(server.doc.nodes["csv"]?.name).toBe("쓰는 중");
});
