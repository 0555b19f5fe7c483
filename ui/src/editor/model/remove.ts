// Taking things away, and closing the gap where that is asked for.
import type { KindMap } from "../../api/kinds";
import type { FlowDoc } from "../../api/wire";
import { bridge } from "./bridge";
import { outputList, outputNames, pathOf, refOf } from "./ports";
import { outputsOf } from "../../api/kinds";
import { type Step, Work } from "./work";

/** groupsWithin returns a group and all groups in it. */
export function groupsWithin(doc: FlowDoc, group: string): Set<string> {
  return new Set(Object.keys(doc.groups ?? {}).filter((g) => g === group || pathOf(doc, g).includes(group)));
}

/** inside returns the nodes of a group and of all groups in it. */
export function inside(doc: FlowDoc, group: string): string[] {
  const groups = groupsWithin(doc, group);
  return Object.entries(doc.nodes).filter(([, n]) => n.group !== undefined && groups.has(n.group)).map(([slug]) => slug);
}

/** remove takes cards and wires away; with reconnect, what fed a node feeds what came after it. */
export function remove(doc: FlowDoc, ids: Iterable<string>, options: { reconnect?: boolean } = {}, kinds: KindMap = new Map()): Step {
  const w = new Work(doc);
  for (const id of ids) {
    const { type, slug } = refOf(id);
    if (type === "wire") w.dropWire(slug);
    else if (type === "label") delete w.doc.labels[slug];
    else if (type === "group") dropGroup(w, slug);
    else if (w.doc.nodes[slug] !== undefined) {
      if (options.reconnect === true) close(w, slug, kinds);
      w.dropNode(slug);
    }
  }
  return { ops: w.ops(), select: [] };
}

/** dropGroup takes a group away with all that is in it. */
export function dropGroup(w: Work, group: string): void {
  const groups = groupsWithin(w.doc, group);
  for (const [slug, n] of Object.entries(w.doc.nodes)) if (n.group !== undefined && groups.has(n.group)) w.dropNode(slug);
  for (const [slug, l] of Object.entries(w.doc.labels)) if (l.group !== undefined && groups.has(l.group)) delete w.doc.labels[slug];
  for (const g of groups) {
    delete w.doc.groups[g];
    delete w.doc.layout[`group:${g}`];
  }
}

/** close wires what feeds a node to what its forward outputs feed. */
function close(w: Work, node: string, kinds: KindMap): void {
  const n = w.doc.nodes[node];
  if (n === undefined) return;
  const forward = new Set(outputsOf(n, kinds.get(n.kind)).filter((o) => o.class === "out").map((o) => o.name));
  const carries = (names: string[]) => forward.size === 0 || names.some((o) => forward.has(o)) || outputNames(n, kinds).length === 0;
  const ins = w.into(node).filter(([, c]) => c.from !== node);
  const outs = w.outOf(node).filter(([, c]) => c.to !== node && carries(outputList(c)));
  for (const [slug] of [...ins, ...outs]) w.dropWire(slug);
  for (const [, o] of outs) for (const [slug, i] of ins) bridge(w, i.from, outputList(i), o.to, o.input ?? "", i, slug);
}
