import { cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useLog } from "./useLog";

let log = "";
let asked: number[];

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", async (input: string) => {
    const after = Number(new URL(input, "http://x").searchParams.get("after"));
    asked.push(after);
    const text = log.slice(after);
    return Response.json({ text, next: Math.min(log.length, after + text.length), size: log.length });
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const line = (msg: string) => `${JSON.stringify({ time: "2026-01-01T00:00:00Z", level: "INFO", msg })}\n`;
const open = (run: string) => renderHook(({ of }) => useLog(of, false), { initialProps: { of: run } });
const said = (hook: ReturnType<typeof open>) => hook.result.current.lines.map((l) => l.msg);

test("a log that is opened again goes on from where it was read", async () => {
  log = line("one") + line("two");
  const first = open("r1");
  await waitFor(() => expect(said(first)).toEqual(["one", "two"]));
  first.unmount();
  const read = log.length;
  log += line("three");
  const again = open("r1");
  expect(said(again)).toEqual(["one", "two"]);
  await waitFor(() => expect(said(again)).toEqual(["one", "two", "three"]));
  expect(asked).toEqual([0, read]);
  expect(again.result.current.lines.map((l) => l.key)).toEqual([0, 1, 2]);
  // Another run's log between them changes nothing of it.
  again.rerender({ of: "r2" });
  await waitFor(() => expect(again.result.current.pending).toBe(false));
  again.rerender({ of: "r1" });
  await waitFor(() => expect(asked).toEqual([0, read, 0, log.length]));
  expect(said(again)).toEqual(["one", "two", "three"]);
});

test("a log that became shorter is another, and is read from its beginning", async () => {
  log = line("a long line of the log that was");
  const hook = open("r3");
  await waitFor(() => expect(said(hook)).toHaveLength(1));
  hook.unmount();
  log = line("new");
  const again = open("r3");
  await waitFor(() => expect(said(again)).toEqual(["new"]));
});
