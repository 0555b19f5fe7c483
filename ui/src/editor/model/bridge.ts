// Wires across the borders of groups: each border is passed through a port.
import type { ConnectionDoc } from "../../api/wire";
import { inputPort, nameOf, outputList, outputPort, passes, pathOf } from "./ports";
import { cardSize, type Point } from "./size";
import type { Work } from "./work";

/** sourceLevel is the group in which a node's outputs are wired; an OutputPort's is the one outside. */
export function sourceLevel(w: Work, node: string): string {
  const n = w.doc.nodes[node];
  const group = n?.group ?? "";
  return n?.kind === outputPort && group !== "" ? w.doc.groups[group]?.parent ?? "" : group;
}

/** targetLevel is the group in which a node's inputs are wired; an InputPort's is the one outside. */
export function targetLevel(w: Work, node: string): string {
  const n = w.doc.nodes[node];
  const group = n?.group ?? "";
  return n?.kind === inputPort && group !== "" ? w.doc.groups[group]?.parent ?? "" : group;
}

/** portPlace finds room for a port at a group's side, at the height of what it serves. */
function portPlace(w: Work, group: string, kind: "InputPort" | "OutputPort", beside: string): Point {
  let edge: number | undefined;
  const taken = new Set<number>();
  for (const [slug, n] of Object.entries(w.doc.nodes)) {
    const at = w.doc.layout[slug];
    if ((n.group ?? "") !== group || at === undefined) continue;
    if (n.kind === kind) taken.add(at[1]);
    const side = kind === "InputPort" ? at[0] : at[0] + cardSize[0];
    if (n.kind !== kind) edge = edge === undefined ? side : kind === "InputPort" ? Math.min(edge, side) : Math.max(edge, side);
  }
  const from = edge ?? 0;
  let y = (w.doc.layout[beside]?.[1] ?? 0) + 24;
  while ([...taken].some((t) => Math.abs(t - y) < 48)) y += 48;
  return [kind === "InputPort" ? from - 240 : from + 80, y];
}

const sameSet = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((x) => b.includes(x));

/** wayOut returns the OutputPort of a group through which just these outputs leave, made if need be. */
function wayOut(w: Work, group: string, from: string, outputs: readonly string[]): string {
  for (const [, c] of w.outOf(from)) {
    const port = w.doc.nodes[c.to];
    if (port?.kind === outputPort && port.group === group && sameSet(outputList(c), outputs) && w.into(c.to).length === 1) return c.to;
  }
  const plain = nameOf(w.doc, from);
  const name = outputs.length === 1 && outputs[0] !== passes ? `${plain} ${outputs[0]}` : plain;
  const port = w.addPort(group, "OutputPort", name, portPlace(w, group, "OutputPort", from));
  w.link(from, outputs, port, "");
  return port;
}

/** wayIn returns the InputPort of a group that leads to just this input, made if need be. */
function wayIn(w: Work, group: string, to: string, input: string): string {
  for (const [, c] of w.into(to)) {
    const port = w.doc.nodes[c.from];
    if (port?.kind === inputPort && port.group === group && (c.input ?? "") === input && w.outOf(c.from).length === 1) return c.from;
  }
  const plain = nameOf(w.doc, to);
  const port = w.addPort(group, "InputPort", input === "" ? plain : `${plain} ${input}`, portPlace(w, group, "InputPort", to));
  w.link(port, [passes], to, input);
  return port;
}

/** bridge wires outputs to an input wherever both are, through ports where groups lie between. */
export function bridge(w: Work, from: string, outputs: readonly string[], to: string, input: string, like: Partial<ConnectionDoc> = {}, wish?: string, merge = false): string {
  const up = pathOf(w.doc, sourceLevel(w, from));
  const down = pathOf(w.doc, targetLevel(w, to));
  let shared = 0;
  while (shared < up.length && shared < down.length && up[shared] === down[shared]) shared++;
  let source = from;
  let outs = outputs;
  for (const group of up.slice(shared).reverse()) {
    source = wayOut(w, group, source, outs);
    outs = [passes];
  }
  let target = to;
  let into = input;
  for (const group of down.slice(shared).reverse()) {
    target = wayIn(w, group, target, into);
    into = "";
  }
  return w.link(source, outs, target, into, like, wish, merge);
}

/** bypass takes a port away and wires what fed it to what it fed. */
export function bypass(w: Work, port: string): void {
  const inner = w.doc.nodes[port]?.kind === outputPort;
  const ins = w.into(port).filter(([, c]) => c.from !== port);
  const outs = w.outOf(port).filter(([, c]) => c.to !== port);
  w.dropNode(port);
  for (const [os, o] of outs) {
    for (const [is, i] of ins) {
      const [slug, outer] = inner ? [os, o] : [is, i];
      w.link(i.from, outputList(i), o.to, o.input ?? "", outer, slug);
    }
  }
}
