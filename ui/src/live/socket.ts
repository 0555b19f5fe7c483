// The live socket of the page, and the numbers that come over it. Frames of
// numbers are applied in one animation frame; everything else at once.
import type { ServerFrame } from "../api/wire";
import { SocketLink, type WireClass } from "./link";
import { type Link, LiveFlow } from "./store";

type Frame<T extends ServerFrame["type"]> = Extract<ServerFrame, { type: T }>;
type Numbers = Frame<"snapshot"> | Frame<"delta">;
type Hear = () => void;

/** Watcher is one who has a flow open on the canvas. */
export type Watcher = Frame<"presence">["who"][number];

interface Watch {
  run: string;
  count: number;
}

/** Silence that shows: a ping goes every five seconds. */
const staleAfter = 7_000;
/** Frames come once a second, so numbers are that old at most when they arrive at once. */
const period = 1_000;
const nobody: Watcher[] = [];

/** Live holds the page's socket and what it has told. */
export class Live {
  readonly flows = new Map<string, LiveFlow>();
  private link: SocketLink;
  private watches = new Map<string, Watch>();
  private homes = 0;
  private opened: { flow: string; node: string; client: string } | undefined;
  private pending: Numbers[] = [];
  private untold = new Map<LiveFlow, Set<string>>();
  private frame: number | undefined;
  private hearers = new Map<string, Set<(f: never) => void>>();
  private linkHearers = new Set<Hear>();
  private state: Link = { up: false, lag: 0, since: Date.now(), dropped: 0, stale: 0 };
  private who = new Map<string, Watcher[]>();
  private age = 0;
  private clock: ReturnType<typeof setInterval> | undefined;
  private ups = 0;

  constructor(url: string, make: WireClass) {
    this.link = new SocketLink(url, make, { onUp: () => this.greet(), onDown: () => this.look(), onFrame: (f) => this.take(f) });
    this.clock = setInterval(() => this.look(), 1_000);
    document.addEventListener("visibilitychange", this.seen);
    window.addEventListener("online", this.back);
  }

  /** watch follows a flow, or a run of it, until the returned function is called. */
  watch(flow: string, run = ""): () => void {
    const w = this.watches.get(flow) ?? { run: "", count: 0 };
    const fresh = w.count === 0 || w.run !== run;
    w.count++;
    w.run = run;
    this.watches.set(flow, w);
    if (fresh) this.link.say({ type: "watch", flow, run });
    return () => {
      if (--w.count > 0) return;
      this.watches.delete(flow);
      this.flows.get(flow)?.clear();
      this.link.say({ type: "unwatch", flow });
    };
  }

  /** home follows the list of flows and runs until the returned function is called. */
  home(): () => void {
    if (++this.homes === 1) this.link.say({ type: "home" });
    return () => void this.homes--;
  }

  /** open tells the others what is open here; an empty node for none. */
  open(flow: string, node: string, client: string): void {
    this.opened = { flow, node, client };
    this.link.say({ type: "open", flow, node, client });
  }

  /** onFrame hears frames of one type as they come; "hello" comes with every connection. */
  onFrame<T extends ServerFrame["type"]>(type: T, hear: (f: Frame<T>) => void): () => void {
    const set = this.hearers.get(type) ?? new Set();
    this.hearers.set(type, set.add(hear as (f: never) => void));
    return () => set.delete(hear as (f: never) => void);
  }

  of(flow: string): LiveFlow {
    let f = this.flows.get(flow);
    if (f === undefined) this.flows.set(flow, (f = new LiveFlow()));
    return f;
  }

  watchers(flow: string): Watcher[] {
    return this.who.get(flow) ?? nobody;
  }

  linkState(): Link {
    return this.state;
  }

  hearLink(hear: Hear): () => void {
    this.linkHearers.add(hear);
    return () => this.linkHearers.delete(hear);
  }

  /** restarts counts the connections after the first, for those who must catch up. */
  get restarts(): number {
    return Math.max(0, this.ups - 1);
  }

  close(): void {
    clearInterval(this.clock);
    if (this.frame !== undefined) cancelAnimationFrame(this.frame);
    document.removeEventListener("visibilitychange", this.seen);
    window.removeEventListener("online", this.back);
    delete document.documentElement.dataset.stale;
    this.link.close();
  }

  private seen = () => {
    if (document.hidden) return this.apply();
    this.link.hurry();
    this.tell();
    this.look();
  };

  /** hurry connects at once where a pause is running, as after signing in again. */
  hurry(): void {
    this.link.hurry();
  }

  private back = () => this.hurry();

  private greet(): void {
    this.ups++;
    for (const [flow, w] of this.watches) this.link.say({ type: "watch", flow, run: w.run });
    if (this.homes > 0) this.link.say({ type: "home" });
    if (this.opened !== undefined) this.link.say({ type: "open", ...this.opened });
    this.look();
  }

  private take(f: ServerFrame): void {
    switch (f.type) {
      case "snapshot":
      case "delta":
        this.pending.push(f);
        // A hidden page draws no frames: its numbers are kept, nobody is told.
        if (document.hidden) this.apply();
        else this.frame ??= requestAnimationFrame(() => {
          this.frame = undefined;
          this.apply();
          this.tell();
        });
        break;
      case "pong":
        this.look();
        break;
      case "dropped":
        this.show({ ...this.state, dropped: this.state.dropped + f.count });
        break;
      case "presence":
        this.who.set(f.flow, f.who);
        break;
    }
    this.hearers.get(f.type)?.forEach((hear) => hear(f as never));
  }

  private apply(): void {
    for (const f of this.pending.splice(0)) {
      if (!this.watches.has(f.flow)) continue;
      const flow = this.of(f.flow);
      const changed = this.untold.get(flow) ?? new Set();
      for (const id of flow.take(f)) changed.add(id);
      this.untold.set(flow, changed);
      this.age = Math.max(0, Date.now() + this.link.offset - f.at) + (f.totals?.lag_ms ?? 0);
    }
  }

  private tell(): void {
    const told = [...this.untold];
    this.untold.clear();
    for (const [flow, ids] of told) flow.tell(ids);
    if (told.length > 0) this.look();
  }

  // The link as the page shows it; hearers are told only of what they can see.
  private look(): void {
    const silent = Date.now() - (this.link.heard || this.state.since);
    const stale = !this.link.up || silent > staleAfter ? Math.max(1, Math.round(silent / 1000)) : 0;
    const lag = Math.max(1, Math.round((this.age + period) / 1000)) * 1000;
    const since = this.link.up ? 0 : this.state.since || this.link.heard || Date.now();
    this.show({ up: this.link.up, lag, since, dropped: this.state.dropped, stale });
  }

  private show(next: Link): void {
    const now = this.state;
    if (next.up === now.up && next.lag === now.lag && next.stale === now.stale && next.dropped === now.dropped) return;
    this.state = next;
    if (next.stale > 0) document.documentElement.dataset.stale = "";
    else delete document.documentElement.dataset.stale;
    this.linkHearers.forEach((hear) => hear());
  }
}

let the: Live | undefined;

/** connectLive returns the page's socket and opens it when it is not; tests give their own transport. */
export function connectLive(make?: WireClass, url = `${location.origin.replace(/^http/, "ws")}/api/v1/live`): Live {
  if (make !== undefined) {
    the?.close();
    the = undefined;
  }
  the ??= new Live(url, make ?? (WebSocket as unknown as WireClass));
  return the;
}
