import { Failure } from "../api/client";
import type { FlowDoc, Note, Problem } from "../api/wire";

/** part returns a flow file of one node and what it refers to, so that what is wrong elsewhere keeps no question from being answered. */
export function part(doc: FlowDoc, slug: string): FlowDoc {
  const node = doc.nodes[slug];
  const named = new Set(Object.values(node?.settings ?? {}));
  const { after: _, inputs: __, group: ___, ...alone } = node ?? { kind: "" };
  const services = Object.fromEntries(Object.entries(doc.services ?? {}).filter(([s]) => named.has(s)));
  return { weir: doc.weir, id: doc.id, mode: doc.mode, ...(doc.schedule === undefined ? {} : { schedule: doc.schedule }), parameters: doc.parameters ?? {}, services, nodes: node === undefined ? {} : { [slug]: alone } };
}

/** failureOf returns what went wrong in a call as a failure. */
export const failureOf = (e: unknown): Failure => (e instanceof Failure ? e : new Failure(0, { code: "server_unreachable" }));

/** notesOf returns what a failure says: the problems that it lists, or itself. */
export function notesOf(f: Failure): (Note & { path?: string })[] {
  const { problems } = (f.body ?? {}) as { problems?: Problem[] };
  return Array.isArray(problems) && problems.length > 0 ? problems : [f];
}
