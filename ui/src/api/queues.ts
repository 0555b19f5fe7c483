// What lies in queues, as the server tells it, and where its content is found.
import { Failure, path } from "./client";
import type { Note } from "./wire";

/** Queued is a FlowFile as it lies in a queue. */
export interface Queued {
  id: string;
  /** at is its place: it names the FlowFile in the other operations. */
  at: string;
  entered?: string;
  size: number;
  /** rows is -1 where nobody has counted. */
  rows: number;
  run?: string;
  tries: number;
  held: boolean;
  due?: string;
  mime?: string;
  schema?: string;
  origin?: string;
  hops: number;
  attributes: Record<string, string>;
  cut?: boolean;
}

export interface QueuePage {
  count: number;
  bytes: number;
  items: Queued[];
  next: string;
  scanned: number;
  more: boolean;
}

export interface FlowFileEvent {
  at: string;
  node?: string;
  type: string;
  id: string;
  parents?: string[];
  output?: string;
  class?: string;
  why?: string;
  rows: number;
  size: number;
}

export interface FlowFileView {
  item: Queued;
  events: FlowFileEvent[];
  incomplete?: Note;
}

export interface RecordPage {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  offset: number;
  read: number;
  more: boolean;
  next?: string;
  source: string;
  inferred?: boolean;
  problem?: Note;
}

export interface ContentSummary {
  rows: number;
  truncated: boolean;
  source: string;
  columns: { name: string; type: string; nulls: number; distinct: number; min?: unknown; max?: unknown }[];
  skipped?: number;
  problem?: Note;
}

export interface QueueAnswer {
  columns: [name: string, type: string][];
  rows: unknown[][];
  total: number;
  sample: { files: number; rows: number; bytes: number; truncated: boolean; left_out: number; columns: { name: string; type: string }[] };
  took: string;
}

export interface Job {
  id: string;
  what: string;
  state: "going" | "done" | "failed" | "cancelled";
  done: number;
  total: number;
  rows: number;
  left: number;
  gone: number;
  error?: Note;
}

/** Content says where a FlowFile's content is found: in a queue, or parked. */
export interface Content {
  /** key tells one content from another. */
  key: string;
  size: number;
  /** url is the path below /api/v1 of "records", "summary" or "content". */
  url: (what: string, query?: Record<string, string | number | undefined>) => string;
}

/** queuedContent is the content of a FlowFile in a queue. */
export const queuedContent = (flow: string, wire: string, run: string, item: Queued): Content => ({
  key: `${flow}/${wire}/${run}/${item.at}`,
  size: item.size,
  url: (what, query) => path(["flows", flow, "connections", wire, "queue", item.at, what], { run, ...query }),
});

/** parkedContent is the content of a parked FlowFile. */
export const parkedContent = (run: string, item: { id: string; size: number }): Content => ({
  key: `parked/${run}/${item.id}`,
  size: item.size,
  url: (what, query) => path(["runs", run, "parked", item.id, what], query),
});

/** bytesOf reads a range of a content; less where it ends. */
export async function bytesOf(content: Content, from: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
  if (content.size === 0) return new Uint8Array();
  const answer = await fetch(`/api/v1${content.url("content")}`, { headers: { Range: `bytes=${from}-${Math.min(from + length, content.size) - 1}` }, signal: signal ?? null });
  if (!answer.ok) {
    throw new Failure(answer.status, await answer.json().catch(() => undefined));
  }
  return new Uint8Array(await answer.arrayBuffer());
}
