// Calls of the server's operations. Failures are thrown as Failure, whose code
// the pages render in their own language.
import type { Note } from "./wire";

/** Failure is the server's answer that something cannot be done. */
export class Failure extends Error implements Note {
  readonly code: string;
  readonly args: Record<string, unknown>;
  readonly status: number;
  /** body is the whole answer, for those that carry more than a message. */
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    const b = (typeof body === "object" && body !== null ? body : {}) as Partial<Note> & { text?: string };
    super(b.text ?? b.code ?? `HTTP ${status}`);
    this.status = status;
    this.code = b.code ?? "http";
    this.args = b.args ?? { status };
    this.body = body;
  }
}

const hearers = new Set<() => void>();

/** onSignedOut is told when the server no longer knows this browser. */
export function onSignedOut(hear: () => void): () => void {
  hearers.add(hear);
  return () => hearers.delete(hear);
}

const returners = new Set<() => void>();

/** onSignedIn is told when the server knows this browser again. */
export function onSignedIn(hear: () => void): () => void {
  returners.add(hear);
  return () => returners.delete(hear);
}

/** signedIn tells that the server knows this browser again. */
export const signedIn = (): void => returners.forEach((hear) => hear());

/** Raw is a body that is JSON already and goes out as it is, so that no number in it is read and written anew. */
export class Raw {
  constructor(readonly text: string) {}
}

/** call asks the server for an operation; paths are below /api/v1. */
export async function call<T>(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      signal: signal ?? null,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? null : body instanceof Raw ? body.text : JSON.stringify(body),
    });
  } catch (e) {
    if (e instanceof DOMException && e.name === "AbortError") throw e;
    throw new Failure(0, { code: "server_unreachable" });
  }
  const text = await answer.text();
  let parsed: unknown = undefined;
  try {
    parsed = text === "" ? undefined : JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  if (!answer.ok) {
    if (answer.status === 401) hearers.forEach((hear) => hear());
    throw new Failure(answer.status, parsed);
  }
  return parsed as T;
}

/** path joins parts of a path, escaped; undefined values of the query are left out. */
export function path(parts: string[], query?: Record<string, string | number | boolean | undefined>): string {
  const q = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== "") q.set(key, String(value));
  }
  const tail = q.size > 0 ? `?${q}` : "";
  return `/${parts.map(encodeURIComponent).join("/")}${tail}`;
}
