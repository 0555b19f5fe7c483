// Streaming numbers, outside React: written once per animation frame, read per
// id. Rows of nodes and wires are kept as they came.
import type { Bulletin, NodeRow, ServerFrame, Totals, WireRow } from "../api/wire";

type Hear = () => void;

/** Sparkline points kept for each node. */
export const points = 60;

const none: number[] = [];

/** LiveFlow is what is known of a watched flow. */
export class LiveFlow {
  nodes = new Map<string, NodeRow>();
  wires = new Map<string, WireRow>();
  /** sparks holds out/s of the last minute, oldest first. */
  sparks = new Map<string, number[]>();
  totals: Totals | undefined;
  /** at is the server's time of the newest frame, heard ours when it came. */
  at = 0;
  heard = 0;
  run = "";
  private second = 0;
  private ids: { nodes: string[]; wires: string[] } = { nodes: [], wires: [] };
  private byId = new Map<string, Set<Hear>>();
  private whole = new Set<Hear>();

  /** take writes a frame in and returns the ids that changed. */
  take(f: ServerFrame & { type: "snapshot" | "delta" }): string[] {
    const changed: string[] = [];
    if (f.type === "snapshot") {
      this.ids = f.ids;
      this.run = f.run ?? "";
      for (const id of this.nodes.keys()) changed.push(id);
      for (const id of this.wires.keys()) changed.push(`wire:${id}`);
      this.nodes.clear();
      this.wires.clear();
    }
    for (const row of f.nodes ?? []) {
      const id = this.ids.nodes[row[0]];
      if (id === undefined) continue;
      this.nodes.set(id, row);
      changed.push(id);
    }
    for (const row of f.wires ?? []) {
      const id = this.ids.wires[row[0]];
      if (id === undefined) continue;
      this.wires.set(id, row);
      changed.push(`wire:${id}`);
    }
    this.spark(f.at, changed);
    if (f.totals !== undefined) this.totals = f.totals;
    this.at = f.at;
    this.heard = Date.now();
    return changed;
  }

  // One point for each second. A curve that stays flat stays the same array, so
  // that an idle node is never drawn again.
  private spark(at: number, changed: string[]): void {
    const second = Math.floor(at / 1000);
    if (second <= this.second) return;
    this.second = second;
    for (const id of this.sparks.keys()) if (!this.nodes.has(id)) this.sparks.delete(id);
    for (const [id, row] of this.nodes) {
      const old = this.sparks.get(id) ?? none;
      if (old.length === points && old.every((v) => v === row[11])) continue;
      this.sparks.set(id, [...old.slice(old.length === points ? 1 : 0), row[11]]);
      changed.push(`spark:${id}`);
    }
  }

  /** clear forgets the numbers, when nobody watches any more. */
  clear(): void {
    this.nodes.clear();
    this.wires.clear();
    this.sparks.clear();
    this.totals = undefined;
    this.second = 0;
  }

  /** wireAt names the wire of an index, as NodeRow's blocked wire gives it. */
  wireAt(index: number): string | undefined {
    return this.ids.wires[index];
  }

  hear(id: string | undefined, hear: Hear): () => void {
    if (id === undefined) {
      this.whole.add(hear);
      return () => this.whole.delete(hear);
    }
    const set = this.byId.get(id) ?? new Set();
    this.byId.set(id, set.add(hear));
    return () => set.delete(hear);
  }

  tell(ids: Iterable<string>): void {
    for (const id of ids) this.byId.get(id)?.forEach((hear) => hear());
    this.whole.forEach((hear) => hear());
  }
}

/** Link tells how the socket does. */
export interface Link {
  up: boolean;
  /** lag is how old the numbers are at most, in ms; since is when the link went down, 0 while it is up. */
  lag: number;
  since: number;
  /** dropped counts frames that the server left out for this page. */
  dropped: number;
  /** stale is for how many seconds nothing was heard, 0 while the numbers are live. */
  stale: number;
}

export type { Bulletin };
