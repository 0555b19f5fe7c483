import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, renderHook, screen, waitFor, within } from "@testing-library/react";
import type { ReactElement } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { NodeRun, Run, RunView } from "../api/runs";
import type { FlowDoc } from "../api/wire";
import { EditorContext } from "../editor/context";
import { openEditor } from "../editor/store";
import { connectLive } from "../live/socket";
import { useLog } from "../logs/useLog";
import { speak } from "../words";
import { NodeRuns } from "./NodeRuns";
import { ResumeDialog } from "./ResumeDialog";

class DeadWire {
  readyState = 0;
  onopen = null;
  onmessage = null;
  onclose = null;
  send() {}
  close() {}
}

const doc: FlowDoc = { weir: 1, id: "shop", mode: "runs", nodes: { a: { kind: "GenerateFlowFile", name: "주문" } } };
const tally = (n: number, rows: number) => ({ n, rows, bytes: 0 });
const ran = (run: string, more: Partial<NodeRun> = {}): NodeRun => ({ run, slot: `2026-11-0${run}`, run_state: "SUCCESS", state: "DONE", in: tally(1, 1200), out: tally(1, 1199), created: "2026-11-22T00:00:00Z", ...more });

let asked: { method: string; url: URL; body: unknown }[];
let answers: Record<string, (url: URL) => unknown>;
beforeEach(() => {
  connectLive(DeadWire, "ws://x");
  history.replaceState(null, "", "/flows/shop?open=a");
  asked = [];
  answers = { "GET /words": () => ({ texts: { file_io: "The file {path} cannot be used." } }) };
  vi.stubGlobal("fetch", async (input: string, init?: RequestInit) => {
    const url = new URL(input, "http://x");
    const method = init?.method ?? "GET";
    asked.push({ method, url, body: typeof init?.body === "string" ? JSON.parse(init.body) : undefined });
    const answer = answers[`${method} ${url.pathname.replace("/api/v1", "")}`]?.(url);
    return answer === undefined ? Response.json({ code: "http", args: { status: 404 } }, { status: 404 }) : Response.json(answer);
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  speak("en");
});

function show(part: ReactElement, of: FlowDoc = doc) {
  const editor = openEditor({ flow: of.id, authors: [], doc: of, rev: 1, version: 1, differs: false, problems: [] }, () => new Promise(() => {}), "me");
  return render(<QueryClientProvider client={new QueryClient()}><EditorContext value={editor}>{part}</EditorContext></QueryClientProvider>);
}

test("a node's runs tell state, rows, tries and what went wrong; one is chosen and let go", async () => {
  answers["GET /flows/shop/nodes/a/runs"] = () => ({ runs: [
    ran("3", { run_state: "FAILED", state: "FAILED", tries: 3, parked: tally(2, 40), started: "2026-11-22T00:00:00Z", finished: "2026-11-22T00:01:05Z", note: { code: "file_io", args: { path: "/x" } } }),
    ran("2"), ran("1"),
  ] });
  show(<NodeRuns node="a" />);
  const list = await screen.findByRole("list", { name: "Newest runs of this node" });
  const [worst, next] = within(list).getAllByRole("button");
  for (const said of ["failed", "2026-11-03", "1 min", "In 1.2k", "Parked 2", "3 tries"]) expect(worst?.textContent).toContain(said);
  await waitFor(() => expect(worst?.textContent).toContain("The file /x cannot be used."));
  expect(next?.textContent).not.toContain("tries");
  fireEvent.click(next as HTMLElement);
  await waitFor(() => expect(new URLSearchParams(location.search).get("run")).toBe("2"));
  expect(within(list).getAllByRole("button")[1]?.getAttribute("aria-pressed")).toBe("true");
  expect(new URLSearchParams(location.search).get("open")).toBe("a");
  fireEvent.click(within(list).getAllByRole("button")[1] as HTMLElement);
  await waitFor(() => expect(location.search).not.toContain("run="));
});

test("a node without runs says how to get one", async () => {
  answers["GET /flows/shop/nodes/a/runs"] = () => ({ runs: [] });
  show(<NodeRuns node="a" />);
  fireEvent.click(await screen.findByRole("button", { name: "Start a run…" }));
  await waitFor(() => expect(location.search).toContain("drawer=runs"));
});

test("a continuous flow's node tells what happened at it, and of no other", async () => {
  answers["GET /bulletins"] = () => ({ bulletins: [
    { seq: 1, at: "2026-11-22T00:00:00Z", level: "error", flow: "shop", node: "a", code: "file_io", args: { path: "/mine" } },
    { seq: 2, at: "2026-11-22T00:00:00Z", level: "error", flow: "shop", node: "b", code: "file_io", args: { path: "/other" } },
  ] });
  show(<NodeRuns node="a" />, { ...doc, mode: "continuous" });
  expect(await screen.findByText(/\/mine/)).toBeTruthy();
  expect(screen.queryByText(/\/other/)).toBeNull();
  expect(asked.some((a) => a.url.pathname.endsWith("/runs"))).toBe(false);
});

test("resuming shows a version that changes nothing, where the server names no changes", async () => {
  const run: Run = { number: "1", id: "R", flow: "shop", flow_versions: [1], state: "FAILED" };
  answers["POST /runs/R/resume"] = () => ({ run, adopts: { version: 2, changed: [] } }) satisfies RunView;
  show(<ResumeDialog view={{ run }} onClose={() => {}} />);
  fireEvent.click(screen.getByRole("radio", { name: "with the version in force", hidden: true }));
  expect(await screen.findByText(/Version 2 is adopted/)).toBeTruthy();
  expect(asked.at(-1)?.body).toEqual({ latest: true, dry_run: true });
});

test("a log is read in pages, and only what is new is asked for", async () => {
  const lines = ["one", "two", "셋", "four"].map((msg) => `${JSON.stringify({ level: "INFO", msg })}\n`);
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  let there = 3;
  // The server's part: whole lines from a position on, two at a time.
  answers["GET /runs/R/logs/page"] = (url) => {
    let at = 0;
    const after = Number(url.searchParams.get("after"));
    const rest = lines.slice(0, there).filter((l) => (at += bytes(l)) > after).slice(0, 2);
    return { text: rest.join(""), next: after + bytes(rest.join("")), size: bytes(lines.slice(0, there).join("")) };
  };
  const hook = renderHook(({ live }) => useLog("R", live), { initialProps: { live: true } });
  await waitFor(() => expect(hook.result.current.lines.map((l) => l.msg)).toEqual(["one", "two", "셋"]));
  there = 4;
  hook.rerender({ live: false });
  await waitFor(() => expect(hook.result.current.lines.map((l) => l.msg)).toEqual(["one", "two", "셋", "four"]));
  const from = asked.filter((a) => a.url.pathname.endsWith("/page")).map((a) => Number(a.url.searchParams.get("after")));
  expect(from.filter((after) => after === 0)).toHaveLength(1);
  expect(from.at(-1)).toBe(bytes(lines.slice(0, 3).join("")));
});
