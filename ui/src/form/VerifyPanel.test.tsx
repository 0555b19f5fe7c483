import { act, cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { speak } from "../words";
import { trial } from "./testing/trial";
import { VerifyPanel } from "./VerifyPanel";

const steps = [
  { node: "gcp", service: true, kind: "Cloud", step: { code: "step" }, state: "ok", note: { code: "found", args: { name: "demo" } } },
  { node: "other", service: true, kind: "Cloud", step: { code: "step" }, state: "ok" },
  { node: "read", kind: "Read", step: { code: "step" }, state: "failed", fault: { code: "no_way", args: { role: "viewer" } } },
  { node: "write", kind: "Write", step: { code: "step" }, state: "skipped" },
];
const doc = { weir: 1 as const, id: "f", mode: "runs" as const, parameters: { day: { type: "string" as const } }, nodes: { read: { kind: "Read", settings: { service: "gcp" } }, write: { kind: "Write" } } };

afterEach(() => {
  cleanup();
  speak("en");
});

test("a node is verified with its services, and the remedy told in the page's language", async () => {
  const t = trial(doc, <VerifyPanel node="read" />);
  t.answers["POST /flows/verify"] = { steps: [steps[0], steps[2]] };
  await userEvent.type(screen.getByRole("textbox", { name: /day/ }), "2026-01-02");
  await userEvent.click(screen.getByRole("button", { name: "Verify" }));
  await screen.findByText("1 step failed.");
  expect(screen.getAllByRole("listitem").map((li) => li.textContent)).toEqual([expect.stringContaining("gcp"), expect.stringContaining("failed")]);
  screen.getByText("Project demo");
  screen.getByText("Permission is missing. Grant viewer.");
  expect(t.calls.find((c) => c.startsWith("POST"))).toContain('"node":"read","params":{"day":"2026-01-02"}');
  act(() => speak("ko"));
  await screen.findByText("권한이 없습니다. viewer을(를) 부여하세요.");
});

test("a whole flow shows every step; a refusal is told", async () => {
  const t = trial(doc, <VerifyPanel />);
  t.answers["POST /flows/verify"] = { steps };
  await userEvent.click(screen.getByRole("button", { name: "Verify the flow" }));
  expect(await screen.findAllByRole("listitem")).toHaveLength(4);
  delete t.answers["POST /flows/verify"];
  await userEvent.click(screen.getByRole("button", { name: "Verify again" }));
  expect((await screen.findByRole("alert")).textContent).toBe("not_found");
  expect(screen.queryAllByRole("listitem")).toHaveLength(0);
});
