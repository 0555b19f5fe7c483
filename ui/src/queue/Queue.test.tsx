import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Job, Queued, QueuePage } from "../api/queues";
import type { FlowDoc } from "../api/wire";
import { EditorContext } from "../editor/context";
import { openEditor } from "../editor/store";
import { connectLive } from "../live/socket";
import { speak } from "../words";
import { ParkedDrawer } from "./ParkedDrawer";
import { QueueDrawer } from "./QueueDrawer";

class DeadWire {
  readyState = 0;
  onopen = null;
  onmessage = null;
  onclose = null;
  send() {}
  close() {}
}

const doc: FlowDoc = {
  weir: 1, id: "shop", mode: "continuous",
  nodes: { a: { kind: "GenerateFlowFile", name: "주문" }, b: { kind: "LogAttribute", name: "Log" } },
  connections: { w: { from: "a", output: "success", to: "b" } },
};

const item = (n: number, attributes: Record<string, string> = { filename: "o.csv" }): Queued => ({
  id: String(1000 + n), at: `128.${n}`, entered: new Date(Date.now() - 5000).toISOString(), size: 10, rows: 2, tries: 0, held: false, hops: 1, attributes,
});

// The server at the other end of fetch: it answers what the tests lay out, and keeps what it was asked.
let asked: { method: string; url: string; body: unknown }[];
let answers: Record<string, (url: URL, body: unknown) => unknown>;

beforeAll(() => {
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => 400 });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, get: () => 800 });
});

beforeEach(() => {
  connectLive(DeadWire, "ws://x");
  window.history.replaceState(null, "", "/flows/shop?drawer=queue&wire=w");
  asked = [];
  answers = { "GET /words": () => ({ texts: { queue_broken: "The queue cannot be read: {why}." } }) };
  vi.stubGlobal("fetch", async (input: string, init?: RequestInit) => {
    const url = new URL(input, "http://x");
    const method = init?.method ?? "GET";
    const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
    asked.push({ method, url: input, body });
    const short = `${method} ${url.pathname.replace("/api/v1", "").replace("/flows/shop/connections/w", "")}`;
    const answer = answers[short]?.(url, body);
    if (answer === undefined) return Response.json({ code: "http", args: { status: 404 } }, { status: 404 });
    return answer instanceof Response ? answer : Response.json(answer);
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  speak("en");
});

function open(view = <QueueDrawer flow="shop" />): QueryClient {
  const editor = openEditor({ flow: "shop", rev: 1, doc, problems: [], version: 1, differs: false, authors: [] }, () => Promise.reject(new Error("no edits here")), "me");
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <EditorContext value={editor}>{view}</EditorContext>
    </QueryClientProvider>,
  );
  return queries;
}

const page = (items: Queued[], more: Partial<QueuePage> = {}): QueuePage => ({ count: items.length, bytes: 10, items, next: "", scanned: items.length, more: false, ...more });

test("lists a queue by pages: the next is asked for near the end of the one before", async () => {
  answers["GET /queue"] = (url) => (url.searchParams.get("after") === "128.20" ? page([item(21)]) : page(Array.from({ length: 20 }, (_, i) => item(i + 1)), { next: "128.20", more: true }));
  open();
  const grid = await screen.findByRole("grid", { name: "FlowFiles of the queue" });
  await waitFor(() => expect(grid.getAttribute("aria-rowcount")).toBe("22"));
  const row = within(grid).getAllByRole("row")[1]!;
  expect(row.textContent).toContain("1001");
  expect(row.textContent).toContain("filename=o.csv");
});

test("filters after a pause, and never by half a letter", async () => {
  answers["GET /queue"] = (url) => page(url.searchParams.get("q") === "지역=서울" ? [item(7, { 지역: "서울" })] : [item(1)]);
  open();
  await screen.findByRole("grid");
  const box = screen.getByRole("searchbox");
  fireEvent.compositionStart(box);
  fireEvent.change(box, { target: { value: "지역=ㅅ" } });
  fireEvent.keyDown(box, { key: "Enter", isComposing: true, keyCode: 229 });
  expect(asked.some((a) => a.url.includes("q="))).toBe(false);
  fireEvent.change(box, { target: { value: "지역=서울" } });
  fireEvent.compositionEnd(box);
  await waitFor(() => expect(screen.getByRole("grid").textContent).toContain("지역=서울"));
  expect(asked.filter((a) => new URL(a.url, "http://x").searchParams.get("q") === "지역=ㅅ")).toEqual([]);
});

test("says when there is nothing, and what a filter has looked at", async () => {
  answers["GET /queue"] = (url) => (url.searchParams.get("q") === null ? page([]) : page([], { scanned: 2000, more: true, next: "128.9" }));
  speak("ko");
  open();
  expect(await screen.findByText("이 큐는 비어 있습니다.")).toBeTruthy();
  fireEvent.change(screen.getByRole("searchbox"), { target: { value: "x" } });
  fireEvent.keyDown(screen.getByRole("searchbox"), { key: "Enter" });
  expect(await screen.findByText("플로파일 2000개를 확인했습니다.")).toBeTruthy();
  expect(screen.getByRole("button", { name: "계속 찾기" })).toBeTruthy();
});

test("an error is told with its reason, and can be tried again", async () => {
  answers["GET /queue"] = () => Response.json({ code: "queue_broken", args: { why: "no disk" } }, { status: 400 });
  open();
  await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("The queue cannot be read: no disk."));
  answers["GET /queue"] = () => page([item(1)]);
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("grid")).toBeTruthy();
});

test("opens a FlowFile with its records, and tells when it has left", async () => {
  answers["GET /queue"] = () => page([item(1), item(2)]);
  answers["GET /queue/128.1"] = () => ({ item: item(1), events: [] });
  answers["GET /queue/128.1/records"] = () => ({ columns: [{ name: "이름", type: "string" }], rows: [["박지훈"]], offset: 0, read: 1, more: false, source: "ndjson" });
  answers["GET /queue/128.2"] = () => Response.json({ code: "queued_unknown", args: {} }, { status: 404 });
  open();
  fireEvent.click((await screen.findAllByRole("row"))[1]!);
  expect(await screen.findByRole("gridcell", { name: "박지훈" })).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Next" }));
  expect(await screen.findByText("This FlowFile has left the queue.")).toBeTruthy();
});

test("empties the queue only when told so, shows how far it is, and lists anew", async () => {
  const job: Job = { id: "7", what: "empty", began: "2026-01-01T00:00:00Z", state: "going", done: 1, total: 2, rows: 2, left: 0, gone: 0 };
  let emptied = false;
  answers["GET /queue"] = () => page(emptied ? [] : [item(1), item(2)]);
  answers["POST /queue/empty"] = () => job;
  answers["GET /jobs/7"] = () => {
    emptied = true;
    return { ...job, state: "done", done: 2, rows: 4 };
  };
  open();
  await screen.findByRole("grid");
  fireEvent.click(screen.getByRole("button", { name: "Empty…" }));
  const dialog = screen.getByRole("dialog", { name: "Empty this queue?" });
  expect(asked.some((a) => a.method === "POST")).toBe(false);
  fireEvent.click(within(dialog).getByRole("button", { name: "Delete 2 FlowFiles" }));
  expect(await within(dialog).findByText("1 of 2 deleted")).toBeTruthy();
  expect(await within(dialog).findByText("2 FlowFiles deleted (4 rows).")).toBeTruthy();
  expect(await screen.findByText("This queue is empty.")).toBeTruthy();
});

test("further rows that cannot be read are asked for once, and again only when told so", async () => {
  let broken = true;
  let tries = 0;
  answers["GET /queue"] = () => page([item(1)]);
  answers["GET /queue/128.1"] = () => ({ item: item(1), events: [] });
  answers["GET /queue/128.1/records"] = (url) => {
    const offset = Number(url.searchParams.get("offset") ?? 0);
    if (offset === 0) return { columns: [{ name: "n", type: "int64" }], rows: [["1"], ["2"]], offset: 0, read: 2, more: true, source: "ndjson" };
    tries++;
    if (broken) return Response.json({ code: "queue_broken", args: { why: "it has gone" } }, { status: 404 });
    return { columns: [{ name: "n", type: "int64" }], rows: [["3"]], offset: 2, read: 1, more: false, source: "ndjson" };
  };
  open();
  fireEvent.click((await screen.findAllByRole("row"))[1]!);
  expect((await screen.findByRole("alert")).textContent).toContain("it has gone");
  for (let n = 0; n < 20; n++) await act(async () => { await Promise.resolve(); });
  expect(tries).toBe(1);
  broken = false;
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("gridcell", { name: "3" })).toBeTruthy();
});

test("attributes being mended stay on the screen when the list of parked FlowFiles cannot be renewed", async () => {
  window.history.replaceState(null, "", "/flows/shop?drawer=parked&run=R&item=7");
  const parked = { id: "7", connection: "w", code: "bad", cause: "bad row", attempts: 1, rows: 1, size: 3, at: new Date().toISOString(), attributes: { 지역: "서울" } };
  answers["GET /runs/R"] = () => ({ run: { id: "R", flow: "shop", state: "FAILED" } });
  answers["GET /runs/R/parked"] = () => ({ parked: [parked] });
  const queries = open(<ParkedDrawer flow="shop" />);
  fireEvent.mouseDown(await screen.findByRole("tab", { name: "Attributes" }));
  const box = await screen.findByRole<HTMLInputElement>("textbox", { name: /지역/ });
  fireEvent.change(box, { target: { value: "부산" } });
  answers["GET /runs/R/parked"] = () => Response.json({ code: "queue_broken", args: { why: "no disk" } }, { status: 500 });
  await act(() => queries.refetchQueries({ queryKey: ["parked", "R"] }));
  expect((await screen.findByRole("alert")).textContent).toContain("no disk");
  expect(screen.getByRole<HTMLInputElement>("textbox", { name: /지역/ }).value).toBe("부산");
});

test("where more is parked than is listed, that is said, and what “all” means", async () => {
  window.history.replaceState(null, "", "/flows/shop?drawer=parked&run=R");
  const one = (id: string) => ({ id, connection: "w", code: "bad", cause: "bad row", attempts: 1, rows: 1, size: 3, at: new Date().toISOString() });
  answers["GET /runs/R"] = () => ({ run: { id: "R", flow: "shop", state: "FAILED" } });
  answers["GET /runs/R/parked"] = () => ({ parked: [one("7"), one("8")], more: true });
  const queries = open(<ParkedDrawer flow="shop" />);
  await screen.findByRole("button", { name: "Select the 2 shown" });
  expect(screen.getByText(/The first 2 are shown; there are more/)).toBeTruthy();
  answers["GET /runs/R/parked"] = () => ({ parked: [one("8")], more: false });
  await act(() => queries.refetchQueries({ queryKey: ["parked", "R"] }));
  await screen.findByRole("button", { name: "Select all 1" });
  expect(screen.queryByText(/there are more/)).toBeNull();
});

test("the list is not drawn again by the counts of each second", async () => {
  answers["GET /queue"] = () => page([item(1), item(2)]);
  open();
  await screen.findByRole("grid", { name: "FlowFiles of the queue" });
  // Each row writes its number of rows so, and nothing else of the drawer does.
  const drawn = vi.spyOn(Number.prototype, "toLocaleString");
  const live = connectLive().of("shop");
  const second = (n: number) => act(() => {
    live.wires.set("w", [0, n, 4096, 10, 40, 0, 0, 0, 0, 0, 0]);
    live.tell(["wire:w"]);
  });
  second(2);
  expect(screen.getByText(/^2 FlowFiles · 4\.1 kB/)).toBeTruthy();
  second(7);
  expect(screen.getByText(/^7 FlowFiles · 4\.1 kB/)).toBeTruthy();
  expect(drawn).not.toHaveBeenCalled();
  drawn.mockRestore();
  // That others came is said, and listing anew shows them.
  answers["GET /queue"] = () => page([item(1), item(2), item(3)], { count: 7 });
  fireEvent.click(within(screen.getByRole("status")).getByRole("button"));
  await waitFor(() => expect(screen.getByRole("grid").getAttribute("aria-rowcount")).toBe("4"));
  act(() => {
    live.clear();
    live.tell(["wire:w"]);
  });
});
