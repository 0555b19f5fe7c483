// The one socket of the page: it connects, pings, notices silence and comes back
// with growing pauses. It knows nothing of what the frames mean.
import type { ClientFrame, ServerFrame } from "../api/wire";

/** Wire is what a link needs of a WebSocket. */
export interface Wire {
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((e: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

/** WireClass makes wires; a browser's WebSocket is one. */
export type WireClass = new (url: string) => Wire;

/** Hooks are what a link tells its owner. */
export interface LinkHooks {
  /** onUp is called with each connection, before any frame. */
  onUp(): void;
  onDown(): void;
  onFrame(frame: ServerFrame): void;
}

export const pingEvery = 5_000;
/** A link that heard nothing for so long is taken for dead. */
export const deafAfter = 12_000;
const firstPause = 400;
const longestPause = 10_000;
const open = 1;

/** SocketLink keeps one socket open for as long as it lives. */
export class SocketLink {
  /** heard is when the last frame came, 0 before the first. */
  heard = 0;
  /** roundTrip is the newest ping's, in ms; offset is the server's clock ahead of ours. */
  roundTrip = 0;
  offset = 0;
  up = false;
  /** asked is when the last ping went out. */
  private asked = 0;
  private wire: Wire | undefined;
  private pause = firstPause;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private ping: ReturnType<typeof setInterval> | undefined;

  constructor(private url: string, private make: WireClass, private hooks: LinkHooks) {
    this.connect();
  }

  /** say sends a frame when the link is up; what must outlive it is said again in onUp. */
  say(frame: ClientFrame): void {
    if (this.wire?.readyState === open) this.wire.send(JSON.stringify(frame));
  }

  /** hurry tries at once where a pause is running, as when the network is back. */
  hurry(): void {
    if (this.retry === undefined) return;
    this.pause = firstPause;
    this.connect();
  }

  close(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.drop();
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    const wire = new this.make(this.url);
    this.wire = wire;
    const mine = () => this.wire === wire;
    wire.onopen = () => {
      if (!mine()) return;
      this.up = true;
      this.pause = firstPause;
      this.heard = Date.now();
      this.ping = setInterval(() => this.beat(), pingEvery);
      this.hooks.onUp();
      this.say({ type: "ping", t: Date.now() });
    };
    wire.onmessage = (e) => {
      if (mine()) this.take(e.data);
    };
    wire.onclose = () => {
      if (mine()) this.lost();
    };
  }

  private take(data: unknown): void {
    if (typeof data !== "string") return;
    const frame = JSON.parse(data) as ServerFrame;
    this.heard = Date.now();
    if (frame.type === "pong") {
      this.roundTrip = Math.max(0, Date.now() - frame.t);
      this.offset = frame.now - (frame.t + this.roundTrip / 2);
    }
    this.hooks.onFrame(frame);
  }

  private beat(): void {
    // Timers of a hidden page sleep for a minute: silence counts only where a question went unanswered.
    if (this.asked > this.heard && Date.now() - this.heard >= deafAfter) return this.lost();
    this.asked = Date.now();
    this.say({ type: "ping", t: this.asked });
  }

  private lost(): void {
    this.drop();
    // Spread, so that many pages do not come back in the same moment.
    this.retry = setTimeout(() => this.connect(), this.pause * (0.75 + Math.random() / 2));
    this.pause = Math.min(this.pause * 2, longestPause);
    this.hooks.onDown();
  }

  private drop(): void {
    clearInterval(this.ping);
    this.up = false;
    const wire = this.wire;
    this.wire = undefined;
    wire?.close();
  }
}
