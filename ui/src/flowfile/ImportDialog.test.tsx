import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { trial } from "../form/testing/trial";
import { ImportDialog } from "./ImportDialog";

beforeEach(() => {
  // jsdom knows the element, but not how it is shown.
  HTMLDialogElement.prototype.showModal = function show() { this.setAttribute("open", ""); };
  HTMLDialogElement.prototype.close = function close() { this.removeAttribute("open"); };
});
afterEach(cleanup);

const file = '{"weir": 1, "id": "big", "mode": "runs",\n "nodes": {"read": {"kind": "Read", "settings": {"from": 9007199254740993, "rate": 1.0}}}}\n';

function Later({ onDone }: { onDone: () => void }) {
  const [open, setOpen] = useState(false);
  return open ? <ImportDialog text={file} onDone={onDone} /> : <button onClick={() => setOpen(true)}>choose</button>;
}

test("a flow file is sent as it is, byte for byte, and once", async () => {
  const done = vi.fn();
  const tr = trial({ weir: 1, id: "f", mode: "runs", nodes: {} }, <Later onDone={done} />);
  tr.answers["POST /flows/preview"] = { flow: "big", exists: false, version: 0 };
  tr.answers["POST /flows"] = { flow: "big" };
  await userEvent.click(screen.getByRole("button", { name: "choose" }));
  await screen.findByRole("heading", { name: "Import the flow big?" });
  await userEvent.dblClick(screen.getByRole("button", { name: "Import" }));
  await waitFor(() => expect(done).toHaveBeenCalled());
  const sent = (to: string) => tr.calls.filter((c) => c.startsWith(`POST ${to} `));
  expect(sent("/flows")).toEqual([`POST /flows {"doc":${file},"draft":true}`]);
  expect(new Set(sent("/flows/preview"))).toEqual(new Set([`POST /flows/preview {"doc":${file}}`]));
});

test("what is no JSON is said, and not sent", () => {
  const tr = trial({ weir: 1, id: "f", mode: "runs", nodes: {} }, <ImportDialog text={'{"weir": 1}, "draft": false'} onDone={() => undefined} />);
  screen.getByText("This file is no JSON.");
  expect(tr.calls.filter((c) => c.startsWith("POST"))).toEqual([]);
});
