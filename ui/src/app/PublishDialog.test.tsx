import { act, cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { trial } from "../form/testing/trial";
import { speak } from "../words";
import { PublishDialog } from "./PublishDialog";

const doc = { weir: 1 as const, id: "f", mode: "runs" as const, nodes: { read: { kind: "Read" } } };
const change = (part: string) => ({ kind: "added", part, path: part });

beforeEach(() => {
  speak("en");
  // jsdom knows the element, but not how it is shown.
  HTMLDialogElement.prototype.showModal = function show() { this.setAttribute("open", ""); };
  HTMLDialogElement.prototype.close = function close() { this.removeAttribute("open"); };
});
afterEach(cleanup);

/** shown opens the dialog over a draft at revision 1 of a flow in version 1. */
function shown(diff?: object) {
  const done = vi.fn();
  const tr = trial(doc, <PublishDialog flow="f" onDone={done} />);
  if (diff !== undefined) tr.answers["GET /flows/f/diff"] = diff;
  act(() => tr.editor.store.setState({ version: 1 }));
  return { ...tr, done, button: () => screen.getByRole("button", { name: "Publish" }) };
}
const posts = (calls: string[]) => calls.filter((c) => c.startsWith("POST"));

test("nothing is published before what it changes is shown, nor when that failed", async () => {
  const s = shown();
  await screen.findByRole("button", { name: "Try again" });
  await userEvent.click(s.button());
  expect(posts(s.calls)).toEqual([]);
  s.answers["GET /flows/f/diff"] = { changes: [change("mine")], rev: 1 };
  s.answers["POST /flows/f/publish"] = { version: 2 };
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByText("mine");
  await userEvent.dblClick(s.button());
  await waitFor(() => expect(s.done).toHaveBeenCalled());
  expect(posts(s.calls)).toEqual(['POST /flows/f/publish {"rev":1}']);
});

test("the revision that goes out is the one whose changes are shown", async () => {
  // The server is ahead of what the page has heard.
  const s = shown({ changes: [change("mine"), change("theirs")], rev: 7 });
  s.answers["POST /flows/f/publish"] = { version: 2 };
  await screen.findByText("theirs");
  await userEvent.click(s.button());
  await waitFor(() => expect(posts(s.calls)).toEqual(['POST /flows/f/publish {"rev":7}']));
});

test("another's edit renews what is shown, and is said", async () => {
  const s = shown({ changes: [change("mine")], rev: 1 });
  await screen.findByText("mine");
  s.answers["GET /flows/f/diff"] = { changes: [change("theirs")], rev: 2 };
  act(() => s.editor.receive({ rev: 2, ops: [{ path: ["nodes", "read", "name"], value: "x" }], client: "bob", who: "bob", label: "name", at: "" }));
  await screen.findByText("theirs");
  screen.getByText(/was edited while this was open/);
});

test("while edits cannot be saved it says so, and does not wait", async () => {
  const s = shown({ changes: [change("mine")], rev: 1 });
  await screen.findByText("mine");
  act(() => s.editor.store.setState({ saving: "offline" }));
  screen.getByText(/Publishing waits until they are/);
  await userEvent.click(s.button());
  expect(posts(s.calls)).toEqual([]);
});

test("a schedule can be turned on together with what is published", async () => {
  const s = shown();
  Object.assign(s.answers, { "POST /flows/f/publish": { version: 2 }, "POST /flows/f/enable": {} });
  act(() => s.editor.change("schedule", [{ path: ["schedule"], value: { every: "day", at: "06:00", zone: "Asia/Seoul" } }]));
  await waitFor(() => expect(s.editor.store.getState().pending).toEqual([]));
  await userEvent.click(await screen.findByRole("checkbox", { name: "Turn its schedule on" }));
  await userEvent.click(s.button());
  await waitFor(() => expect(s.done).toHaveBeenCalled());
  expect(posts(s.calls).map((c) => c.split(" ")[1])).toEqual(["/flows/f/publish", "/flows/f/enable"]);
});

test("what was published is not offered again when its schedule could not be turned on", async () => {
  const s = shown();
  Object.assign(s.answers, { "POST /flows/f/publish": { version: 2 } });
  act(() => s.editor.change("schedule", [{ path: ["schedule"], value: { every: "day", at: "06:00", zone: "Asia/Seoul" } }]));
  await waitFor(() => expect(s.editor.store.getState().pending).toEqual([]));
  await userEvent.click(await screen.findByRole("checkbox", { name: "Turn its schedule on" }));
  await userEvent.click(s.button());
  await waitFor(() => expect(s.done).toHaveBeenCalled());
  expect(s.editor.store.getState().notice).toMatchObject({ key: "app.publishedOff", values: { n: 2 } });
});
