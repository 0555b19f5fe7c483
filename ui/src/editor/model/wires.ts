// Commands on wires: connect, splice, move an end, and which outputs are free.
import type { KindMap } from "../../api/kinds";
import type { FlowDoc, NodeDoc } from "../../api/wire";
import type { Key } from "../../words";
import { bridge, sourceLevel } from "./bridge";
import { inputNames, inputPort, mainOutput, nameOf, outputList, outputNames, outputPort, outputValue, passes, refOf, wireId } from "./ports";
import { cardSize, type Point, snap } from "./size";
import { addTo } from "./nodes";
import { type Step, Work } from "./work";

/** Link names both ends of a wire to be; ends are ids of cards, a group's port is the slug of the port within. */
export interface Link {
  from: string;
  output: string;
  to: string;
  input: string;
}

/** source resolves a card's output to a node's. */
function source(doc: FlowDoc, card: string, output: string): { node: string; output: string } | undefined {
  const { type, slug } = refOf(card);
  if (type === "group") return doc.nodes[output]?.kind === outputPort && doc.nodes[output].group === slug ? { node: output, output: passes } : undefined;
  return type === "node" && doc.nodes[slug] !== undefined ? { node: slug, output } : undefined;
}

/** whyNot tells what keeps a wire from being, or undefined. */
export function whyNot(doc: FlowDoc, link: Link, kinds: KindMap): Key | undefined {
  const from = source(doc, link.from, link.output);
  if (from === undefined) return "tools.noSuchOutput";
  const outputs = outputNames(doc.nodes[from.node] as NodeDoc, kinds);
  if (outputs.length > 0 && !outputs.includes(from.output)) return "tools.noSuchOutput";
  const to = refOf(link.to);
  if (to.type === "group") return doc.groups?.[to.slug] === undefined ? "tools.noSuchInput" : undefined;
  const node = doc.nodes[to.slug];
  if (to.type !== "node" || node === undefined) return "tools.noSuchInput";
  const inputs = inputNames(node, kinds);
  if (inputs.length === 0) return "tools.takesNothing";
  if (!inputs.includes(link.input)) return "tools.noSuchInput";
  const there = Object.values(doc.connections ?? {}).some((c) => c.from === from.node && c.to === to.slug && (c.input ?? "") === link.input && outputList(c).includes(from.output));
  return there ? "tools.wiredAlready" : undefined;
}

/** target resolves a card's input to a node's; a group without that port gets one. */
function target(w: Work, card: string, input: string, like: string): { node: string; input: string } {
  const { type, slug } = refOf(card);
  if (type !== "group") return { node: slug, input };
  const port = w.doc.nodes[input];
  if (port?.kind === inputPort && port.group === slug) return { node: input, input: "" };
  const inside = Object.entries(w.doc.nodes).filter(([, n]) => n.group === slug).map(([s]): Point => w.doc.layout[s] ?? [0, 0]);
  const x = Math.min(...inside.map((p) => p[0]), 240) - 240;
  const ys = inside.map((p) => p[1]);
  return { node: w.addPort(slug, "InputPort", nameOf(w.doc, like), [x, ys.length === 0 ? 0 : Math.max(...ys) + 48]), input: "" };
}

/** connectIn wires a link in a flow under change and returns the connection, undefined where there can be none. */
export function connectIn(w: Work, link: Link, kinds: KindMap): string | undefined {
  const why = whyNot(w.doc, link, kinds);
  if (why !== undefined) return undefined;
  const from = source(w.doc, link.from, link.output);
  if (from === undefined) return undefined;
  const to = target(w, link.to, link.input, from.node);
  return bridge(w, from.node, [from.output], to.node, to.input, {}, undefined, true);
}

/** connect wires an output to an input; several outputs to the same input share a connection. */
export function connect(doc: FlowDoc, link: Link, kinds: KindMap): Step {
  const w = new Work(doc);
  const slug = connectIn(w, link, kinds);
  return { ops: w.ops(), select: slug === undefined ? [] : [wireId(slug)] };
}

/** wiredOutputs returns the outputs of a node that lead somewhere. */
export function wiredOutputs(doc: FlowDoc, node: string): Set<string> {
  const wired = new Set<string>();
  for (const c of Object.values(doc.connections ?? {})) if (c.from === node) for (const o of outputList(c)) wired.add(o);
  return wired;
}

/** unusedOutputs returns the outputs that neither lead somewhere nor end on purpose. */
export function unusedOutputs(doc: FlowDoc, node: string, kinds: KindMap): string[] {
  const n = doc.nodes[node];
  if (n === undefined) return [];
  const wired = wiredOutputs(doc, node);
  return outputNames(n, kinds).filter((o) => !wired.has(o) && n.terminate?.includes(o) !== true);
}

/** canSplice tells whether a node fits into a wire: it takes data and carries it on. */
export const canSplice = (node: NodeDoc, kinds: KindMap): boolean => inputNames(node, kinds).length > 0 && mainOutput(node, kinds) !== undefined;

/**
 * splice puts a node, an existing one or a new one of a kind, into a wire: what
 * came before keeps its connection, limits and all.
 */
export function splice(doc: FlowDoc, wire: string, what: { node: string } | { kind: string; at?: Point }, kinds: KindMap): Step {
  const w = new Work(doc);
  const { slug } = refOf(wire);
  const c = doc.connections?.[slug];
  const there = "node" in what ? doc.nodes[what.node] : { kind: what.kind };
  if (c === undefined || there === undefined || !canSplice(there, kinds)) return { ops: [] };
  const level = sourceLevel(w, c.from);
  if ("node" in what && ((there.group ?? "") !== level || what.node === c.from || what.node === c.to)) return { ops: [] };
  const node = "node" in what ? what.node : addTo(w, what.kind, what.at ?? between(doc, c.from, c.to), level);
  w.wire(slug, { to: node, input: inputNames(there, kinds)[0] ?? "" });
  w.link(node, [mainOutput(there, kinds) as string], c.to, c.input ?? "");
  return { ops: w.ops(), select: [node] };
}

function between(doc: FlowDoc, from: string, to: string): Point {
  const a = doc.layout?.[from] ?? [0, 0];
  const b = doc.layout?.[to] ?? [a[0] + 2 * (cardSize[0] + 80), a[1]];
  return snap([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
}

/** rewire moves one end of a wire to another card's port. */
export function rewire(doc: FlowDoc, wire: string, end: "from" | "to", card: string, port: string, kinds: KindMap): Step {
  const { slug } = refOf(wire);
  const c = doc.connections?.[slug];
  if (c === undefined) return { ops: [] };
  const w = new Work(doc);
  w.dropWire(slug);
  const outputs = end === "from" ? [port] : outputList(c);
  const link: Link = end === "from" ? { from: card, output: port, to: c.to, input: c.input ?? "" } : { from: c.from, output: outputs[0] as string, to: card, input: port };
  if (whyNot(w.doc, link, kinds) !== undefined) return { ops: [] };
  const from = source(w.doc, link.from, link.output) as { node: string; output: string };
  const to = target(w, link.to, link.input, from.node);
  const kept = bridge(w, from.node, end === "from" ? [from.output] : outputs, to.node, to.input, c, slug);
  return { ops: w.ops(), select: [wireId(kept)] };
}

/** setOutputs chooses which outputs a connection carries; none removes it. */
export function setOutputs(doc: FlowDoc, wire: string, outputs: readonly string[]): Step {
  const { slug } = refOf(wire);
  const c = doc.connections?.[slug];
  if (c === undefined) return { ops: [] };
  const w = new Work(doc);
  if (outputs.length === 0) w.dropWire(slug);
  else {
    w.wire(slug, { output: outputValue(outputs) });
    w.untied(c.from, outputs);
  }
  return { ops: w.ops() };
}
