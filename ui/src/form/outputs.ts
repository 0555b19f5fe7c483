// Outputs that a map of settings makes: where one is renamed, what leads on from
// it follows.
import type { FlowDoc, Op } from "../api/wire";

const keysOf = (v: unknown): string[] => (typeof v === "object" && v !== null && !Array.isArray(v) ? Object.keys(v) : []);

/** renameOutput returns operations that keep wires on an output whose name changed. */
export function renameOutput(doc: FlowDoc, node: string, before: unknown, after: unknown): Op[] {
  const was = keysOf(before);
  const now = keysOf(after);
  const [from, ...moreGone] = was.filter((k) => !now.includes(k));
  const [to, ...moreNew] = now.filter((k) => !was.includes(k));
  if (from === undefined || to === undefined || moreGone.length + moreNew.length > 0 || was.length !== now.length) return [];
  const swap = (names: string[]) => names.map((n) => (n === from ? to : n));
  const ops: Op[] = [];
  for (const [slug, c] of Object.entries(doc.connections ?? {})) {
    if (c.from !== node) continue;
    if (c.output === from) ops.push({ path: ["connections", slug, "output"], value: to });
    else if (Array.isArray(c.output) && c.output.includes(from)) ops.push({ path: ["connections", slug, "output"], value: swap(c.output) });
  }
  const terminate = doc.nodes[node]?.terminate;
  if (terminate?.includes(from) === true) ops.push({ path: ["nodes", node, "terminate"], value: swap(terminate).toSorted() });
  return ops;
}
