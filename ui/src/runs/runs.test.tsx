import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { merged, over, rowsOf, type Run } from "../api/runs";
import { parseLine } from "../logs/useLog";
import { allWords, speak } from "../words";
import { noteOf } from "./blockers";
import { lastDay } from "./slots";
import { StateWord } from "./StateWord";

afterEach(() => {
  cleanup();
  speak("en");
});

const states = ["QUEUED", "RUNNING", "FINALIZING", "CANCELLING", "SUCCESS", "PARTIAL", "FAILED", "CANCELLED", "SKIPPED", "SUPERSEDED"];

test("every state of a run and of a node has its word in both languages", () => {
  for (const s of states) expect(allWords[`runs.state${s}`]?.every((w) => w !== "")).toBe(true);
  for (const s of ["WAIT", "READY", "RUNNING", "RETRY_WAIT", "BLOCKED", "DONE", "FAILED", "SKIPPED"]) expect(allWords[`runs.act${s}`]?.length).toBe(2);
  render(<StateWord state="FAILED" />);
  expect(screen.getByText("failed")).toBeTruthy();
  cleanup();
  speak("ko");
  render(<StateWord state="FAILED" />);
  expect(screen.getByText("실패")).toBeTruthy();
});

test("a run is over in its last states alone", () => {
  expect(states.filter(over)).toEqual(["SUCCESS", "PARTIAL", "FAILED", "CANCELLED", "SKIPPED", "SUPERSEDED"]);
});

test("a run's rows are counted at its sources and sinks, and by what the socket said last", () => {
  const tally = (rows: number) => ({ n: 1, rows, bytes: 0 });
  const run: Run = { number: "1", id: "R", flow: "f", flow_versions: [1], ledger: { a: { read: tally(5), out: tally(5) }, b: { in: tally(5), committed: tally(3), rejected: tally(2) } } };
  expect(rowsOf(run)).toEqual({ in: 5, out: 3, rejected: 2 });
  const next = merged(run, { run: "R", flow: "f", number: 1, slot: "", state: "SUCCESS", end: "2026-11-22T00:00:00Z", rows_in: 9, rows_out: 8, rejected: 1, balance: "balanced", generation: 1, by: "", version: 1 });
  expect(rowsOf(next)).toEqual({ in: 9, out: 8, rejected: 1 });
  expect(next.finished).toBe("2026-11-22T00:00:00Z");
});

test("the last complete day is yesterday where the flow lives", () => {
  const now = new Date("2026-11-22T16:00:00Z"); // the 23rd in Seoul
  expect(lastDay("Asia/Seoul", now)).toBe("2026-11-22");
  expect(lastDay(undefined, now)).toBe("2026-11-21");
  expect(lastDay("Asia/Seoul", new Date("2026-02-28T16:00:00Z"))).toBe("2026-02-28");
});

test("what a run waits for is a note of the catalogue", () => {
  expect(noteOf({ run: "QUEUED" })).toEqual({ code: "why_queued", args: {} });
  expect(noteOf({ node: "b", conn: "w", parked: true, count: { n: 3, rows: 9, bytes: 1 } })).toEqual({ code: "why_parked", args: { connection: "w", node: "b", n: 3 } });
  expect(noteOf({ node: "b", state: "WAIT", waits: ["node a", "connection w (2)"] }).args?.what).toBe("node a, connection w (2)");
  expect(noteOf({ node: "b", state: "FAILED", note: { code: "x" } })).toEqual({ code: "why_activity_failed", args: { node: "b", why: { code: "x" } } });
});

test("log lines are read, and what is no JSON is kept", () => {
  expect(parseLine('{"time":"2026-11-22T00:00:00Z","level":"WARN","msg":"hi","node":"a","run":"R","n":3}', 4)).toEqual({ key: 4, time: "2026-11-22T00:00:00Z", level: "WARN", msg: "hi", node: "a", rest: "n=3" });
  expect(parseLine("garbage {", 0).msg).toBe("garbage {");
});
