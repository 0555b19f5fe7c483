// What lies in queues, as the server tells it, and where its content is found.
import { Failure, path } from "./client";
import type { Schemas } from "./wire";

/** Queued is a FlowFile as it lies in a queue. */
export type Queued = Schemas["server.Queued"];

export type QueuePage = Schemas["server.QueuePage"];

export type FlowFileEvent = Schemas["server.FlowFileEvent"];

export type FlowFileView = Schemas["server.FlowFileView"];

export type RecordPage = Schemas["server.RecordPage"];

export type ContentSummary = Schemas["server.ContentSummary"];

export type QueueAnswer = Omit<Schemas["server.QueueAnswer"], "columns"> & { columns: [name: string, type: string][] };

export type Job = Schemas["server.Job"];

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
