import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ClientFrame, NodeRow, ServerFrame, WireRow } from "../api/wire";
import { speak } from "../words";
import { useNodeRow, useSpark, useWatch } from "./hooks";
import { LiveLag } from "./LiveLag";
import { connectLive, type Live } from "./socket";

// The transport alone is made up: what it carries runs through the real code.
class FakeWire {
  static all: FakeWire[] = [];
  static get last(): FakeWire {
    return FakeWire.all.at(-1)!;
  }
  readyState = 0;
  sent: ClientFrame[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor(readonly url: string) {
    FakeWire.all.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text) as ClientFrame);
  }
  close() {
    this.readyState = 3;
  }
  up() {
    this.readyState = 1;
    this.onopen?.();
  }
  say(f: ServerFrame) {
    this.onmessage?.({ data: JSON.stringify(f) });
  }
  cut() {
    this.readyState = 3;
    this.onclose?.();
  }
  asked(type: ClientFrame["type"]) {
    return this.sent.filter((f) => f.type === type);
  }
}

const row = (index: number, out: number): NodeRow => [index, 1, 0, out, 0, 0, 0, 0, 0, -1, 0, out];
const wire = (index: number, count: number): WireRow => [index, count, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const totals = { running: 1, stopped: 0, invalid: 0, disabled: 0, queued: 0, bytes: 0, lag_ms: 0 };
const snapshot = (nodes: NodeRow[], wires: WireRow[] = []): ServerFrame => ({
  type: "snapshot", flow: "f", run: "", seq: 1, at: Date.now(), ids: { nodes: ["a", "b"], wires: ["w"] }, nodes, wires, totals,
});
const delta = (nodes: NodeRow[]): ServerFrame => ({ type: "delta", flow: "f", seq: 2, at: Date.now(), nodes });
const frame = () => vi.advanceTimersByTime(20);

let live: Live;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  FakeWire.all = [];
  live = connectLive(FakeWire, "ws://x/api/v1/live");
});
afterEach(() => {
  live.close();
  vi.useRealTimers();
});

test("a snapshot gives all rows, a delta only what changed, and each node hears of itself alone", () => {
  const drawn = { a: 0, b: 0 };
  function Card({ id }: { id: "a" | "b" }) {
    drawn[id]++;
    return <p aria-label={id}>{useNodeRow("f", id)?.[3] ?? "-"}</p>;
  }
  function Board() {
    useWatch("f");
    return <><Card id="a" /><Card id="b" /></>;
  }
  render(<Board />);
  FakeWire.last.up();
  expect(FakeWire.last.asked("watch")).toEqual([{ type: "watch", flow: "f", run: "" }]);
  FakeWire.last.say(snapshot([row(0, 1), row(1, 2)], [wire(0, 7)]));
  expect(screen.getByLabelText("a").textContent).toBe("-"); // not before the frame
  act(frame);
  expect(screen.getByLabelText("b").textContent).toBe("2");
  expect(live.of("f").wires.get("w")?.[1]).toBe(7);
  const before = { ...drawn };
  FakeWire.last.say(delta([row(0, 5)]));
  act(frame);
  expect(screen.getByLabelText("a").textContent).toBe("5");
  expect(drawn).toEqual({ a: before.a + 1, b: before.b });
});

test("many frames of one tick are drawn once", () => {
  let told = 0;
  live.watch("f");
  live.of("f").hear("a", () => told++);
  FakeWire.last.up();
  FakeWire.last.say(snapshot([row(0, 1)]));
  FakeWire.last.say(delta([row(0, 2)]));
  FakeWire.last.say(delta([row(0, 3)]));
  frame();
  expect(told).toBe(1);
  expect(live.of("f").nodes.get("a")?.[3]).toBe(3);
});

test("a lost link comes back with growing pauses and says again what it watched", () => {
  live.watch("f", "RUN");
  live.home();
  live.open("f", "a", "me");
  FakeWire.last.up();
  FakeWire.last.cut();
  expect(live.linkState().up).toBe(false);
  expect(document.documentElement.dataset.stale).toBe("");
  const at: number[] = [];
  for (let n = 1; n <= 6; n++) {
    const began = Date.now();
    while (FakeWire.all.length === n && Date.now() - began < 30_000) vi.advanceTimersByTime(50);
    at.push(Date.now() - began);
    FakeWire.last.cut();
  }
  expect(at[0]).toBeLessThan(700);
  expect(at[4]).toBeGreaterThan(at[0]! * 4);
  expect(Math.max(...at)).toBeLessThanOrEqual(12_600);
  vi.advanceTimersByTime(13_000);
  FakeWire.last.up();
  expect(FakeWire.last.sent.filter((f) => f.type !== "ping")).toEqual([
    { type: "watch", flow: "f", run: "RUN" }, { type: "home" }, { type: "open", flow: "f", node: "a", client: "me" },
  ]);
  expect(document.documentElement.dataset.stale).toBeUndefined();
  expect(live.restarts).toBe(1);
});

test("a link that is up but silent is taken for dead", () => {
  FakeWire.last.up();
  vi.advanceTimersByTime(9_000);
  expect(FakeWire.last.asked("ping").length).toBe(2);
  expect(live.linkState().stale).toBeGreaterThanOrEqual(8);
  vi.advanceTimersByTime(10_000);
  expect(FakeWire.all.length).toBeGreaterThan(1);
});

test("a page whose timers were asleep asks before it takes its link for dead", () => {
  FakeWire.last.up();
  FakeWire.last.say({ type: "pong", t: Date.now(), now: Date.now() });
  vi.setSystemTime(Date.now() + 60_000); // a hidden page's timers go once a minute
  vi.advanceTimersByTime(5_000);
  expect(FakeWire.all).toHaveLength(1);
  expect(FakeWire.last.asked("ping")).toHaveLength(2);
  vi.setSystemTime(Date.now() + 60_000); // and now nothing answered
  vi.advanceTimersByTime(6_000);
  expect(FakeWire.all).toHaveLength(2);
});

test("the lag is what the numbers' age is, by the server's clock", () => {
  render(<LiveLag />);
  live.watch("f");
  act(() => {
    FakeWire.last.up();
    FakeWire.last.say({ type: "pong", t: Date.now(), now: Date.now() + 60_000 }); // its clock is a minute ahead
    FakeWire.last.say({ ...snapshot([row(0, 1)]), at: Date.now() + 60_000 - 2_000 } as ServerFrame);
    frame();
  });
  expect(screen.getByRole("status").textContent).toBe("live 3 s");
  act(() => speak("ko"));
  act(() => {
    FakeWire.last.cut();
    vi.advanceTimersByTime(12_000);
  });
  expect(screen.getByRole("status").textContent).toMatch(/^1[12]초 전 수치$/);
  act(() => speak("en"));
});

test("a hidden page keeps the numbers and tells nobody until it is seen", () => {
  let hidden = true;
  const spy = vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
  let told = 0;
  live.watch("f");
  live.of("f").hear("a", () => told++);
  FakeWire.last.up();
  for (let n = 0; n < 100; n++) FakeWire.last.say(n === 0 ? snapshot([row(0, 0)]) : delta([row(0, n)]));
  vi.advanceTimersByTime(1000);
  expect(told).toBe(0);
  hidden = false;
  document.dispatchEvent(new Event("visibilitychange"));
  expect(told).toBe(1);
  expect(live.of("f").nodes.get("a")?.[3]).toBe(99);
  spy.mockRestore();
});

test("curves grow by a point a second and stand still where nothing moves", () => {
  let drawn = 0;
  function Curve() {
    drawn++;
    return <p>{useSpark("f", "b").length}</p>;
  }
  render(<Curve />);
  live.watch("f");
  FakeWire.last.up();
  act(() => {
    FakeWire.last.say(snapshot([row(0, 1), row(1, 0)]));
    for (let n = 0; n < 59; n++) {
      vi.advanceTimersByTime(1000);
      FakeWire.last.say(delta([row(0, n)]));
    }
    frame();
  });
  expect(live.of("f").sparks.get("b")?.length).toBe(60);
  const before = drawn;
  act(() => {
    vi.advanceTimersByTime(1000);
    FakeWire.last.say(delta([row(0, 1)]));
    frame();
  });
  expect(live.of("f").sparks.get("a")?.length).toBe(60);
  expect(drawn).toBe(before);
});

test("events are heard at once, each by its own", () => {
  const runs: string[] = [];
  const stop = live.onFrame("run", (f) => runs.push(f.run.state));
  FakeWire.last.up();
  const run = { run: "R", flow: "f", number: 1, slot: "", state: "RUNNING" as const, rows_in: 0, rows_out: 0, rejected: 0, balance: "", generation: 1, by: "", version: 1 };
  FakeWire.last.say({ type: "run", run });
  stop();
  FakeWire.last.say({ type: "run", run });
  expect(runs).toEqual(["RUNNING"]);
});
