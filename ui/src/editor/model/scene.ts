// What the canvas shows of a flow: the cards of one group, with their ports, and
// the wires between them.
import type { KindMap } from "../../api/kinds";
import type { FlowDoc } from "../../api/wire";
import { spread } from "./fallback";
import { funnel, groupId, inputNames, inputPort, labelId, outputList, outputNames, outputPort, passes, refOf, wireId } from "./ports";
import { funnelSize, grown, type Point, portPlaces, portSize } from "./size";

/** Port is a place on a card where wires begin or end, relative to its corner. */
export interface Port {
  /** name is the input's or output's; on a group's card, the slug of the port within. */
  name: string;
  /** label is what the card writes beside it. */
  label: string;
  at: Point;
}

export type CardType = "node" | "group" | "port" | "funnel" | "label";

/** Card is a thing on the canvas; its id is what the selection holds. */
export interface Card {
  id: string;
  type: CardType;
  name: string;
  /** kind is the node's, "" for others. */
  kind: string;
  at: Point;
  size: Point;
  inputs: Port[];
  outputs: Port[];
  /** color is a note's, as the file has it. */
  color?: string | undefined;
}

/** Wire is a connection as it is seen here; ends are ids of cards, ports names of theirs. */
export interface Wire {
  id: string;
  slug: string;
  from: string;
  /** outputs are the connection's; port is where it leaves the card. */
  outputs: string[];
  port: string;
  to: string;
  input: string;
}

export interface Scene {
  group: string;
  cards: Card[];
  wires: Wire[];
  byId: ReadonlyMap<string, Card>;
}

interface Members {
  nodes: string[];
  groups: string[];
  labels: string[];
  /** ports of each child group. */
  ins: Map<string, string[]>;
  outs: Map<string, string[]>;
}

function membersOf(doc: FlowDoc, group: string): Members {
  const m: Members = { nodes: [], groups: [], labels: [], ins: new Map(), outs: new Map() };
  for (const [slug, g] of Object.entries(doc.groups ?? {})) {
    if ((g.parent ?? "") !== group || slug === group) continue;
    m.groups.push(slug);
    m.ins.set(slug, []);
    m.outs.set(slug, []);
  }
  for (const [slug, n] of Object.entries(doc.nodes)) {
    const g = n.group ?? "";
    if (g === group) m.nodes.push(slug);
    else if (n.kind === inputPort) m.ins.get(g)?.push(slug);
    else if (n.kind === outputPort) m.outs.get(g)?.push(slug);
  }
  for (const [slug, l] of Object.entries(doc.labels ?? {})) if ((l.group ?? "") === group) m.labels.push(slug);
  // Ports stand on a group's card in the order in which they lie within.
  const height = (slug: string) => doc.layout?.[slug]?.[1] ?? 0;
  for (const list of [...m.ins.values(), ...m.outs.values()]) list.sort((a, b) => height(a) - height(b) || (a < b ? -1 : 1));
  return m;
}

const placed = (names: string[], labels: string[], size: Point, side: "left" | "right"): Port[] =>
  portPlaces(size, names.length, side).map((at, i) => ({ name: names[i] as string, label: labels[i] as string, at }));

const typeOf = (kind: string): CardType => (kind === inputPort || kind === outputPort ? "port" : kind === funnel ? "funnel" : "node");

function nodeCard(doc: FlowDoc, slug: string, group: string, kinds: KindMap): Card {
  const node = doc.nodes[slug] as FlowDoc["nodes"][string];
  const type = typeOf(node.kind);
  // Within its group a port has one side only; the other is on the group's card.
  const inputs = node.kind === inputPort && group !== "" ? [] : inputNames(node, kinds);
  const outputs = node.kind === outputPort && group !== "" ? [] : outputNames(node, kinds);
  const size = type === "port" ? portSize : type === "funnel" ? funnelSize : grown(inputs.length, outputs.length);
  return {
    id: slug, type, name: node.name ?? slug, kind: node.kind, at: doc.layout?.[slug] ?? [NaN, NaN], size,
    inputs: placed(inputs, inputs, size, "left"), outputs: placed(outputs, outputs, size, "right"),
  };
}

function groupCard(doc: FlowDoc, slug: string, m: Members): Card {
  const ins = m.ins.get(slug) ?? [];
  const outs = m.outs.get(slug) ?? [];
  const size = grown(ins.length, outs.length);
  const names = (list: string[]) => list.map((s) => doc.nodes[s]?.name ?? s);
  return {
    id: groupId(slug), type: "group", name: doc.groups?.[slug]?.name ?? slug, kind: "", at: doc.layout?.[groupId(slug)] ?? [NaN, NaN], size,
    inputs: placed(ins, names(ins), size, "left"), outputs: placed(outs, names(outs), size, "right"),
  };
}

/** scene returns what a group shows; "" is the flow's top. */
export function scene(doc: FlowDoc, group: string, kinds: KindMap): Scene {
  const m = membersOf(doc, group);
  const cards = [...m.nodes.map((slug) => nodeCard(doc, slug, group, kinds)), ...m.groups.map((slug) => groupCard(doc, slug, m))];
  const byId = new Map(cards.map((c) => [c.id, c]));
  const wires: Wire[] = [];
  for (const [slug, c] of Object.entries(doc.connections ?? {})) {
    const source = doc.nodes[c.from];
    const target = doc.nodes[c.to];
    if (source === undefined || target === undefined) continue;
    const from = source.group === undefined || source.group === "" || source.group === group ? c.from : groupId(source.group);
    const to = target.group === undefined || target.group === "" || target.group === group ? c.to : groupId(target.group);
    const a = byId.get(from);
    const b = byId.get(to);
    if (a === undefined || b === undefined || (from === to && a.type === "group")) continue;
    const outputs = outputList(c);
    // A wire that no port takes (a mistake of the file) still shows: on a port of its own.
    const port = a.type === "group" ? c.from : outputs.find((o) => a.outputs.some((p) => p.name === o)) ?? outputs[0] ?? passes;
    const input = b.type === "group" ? c.to : c.input ?? "";
    wires.push({ id: wireId(slug), slug, from, outputs, port, to, input });
  }
  for (const slug of m.labels) {
    const l = doc.labels?.[slug];
    if (l !== undefined) cards.push({ id: labelId(slug), type: "label", name: l.text, kind: "", at: l.at, size: l.size, inputs: [], outputs: [], color: l.color });
  }
  for (const w of wires) {
    lend((byId.get(w.from) as Card).outputs, byId.get(w.from) as Card, w.port);
    lend((byId.get(w.to) as Card).inputs, byId.get(w.to) as Card, w.input);
  }
  spread(cards, wires);
  return { group, cards, wires, byId: new Map(cards.map((c) => [c.id, c])) };
}

/** lend gives a card a port that its kind does not have, for a wire that asks for it. */
function lend(ports: Port[], card: Card, name: string): void {
  if (ports.some((p) => p.name === name)) return;
  ports.push({ name, label: name, at: [0, 0] });
  if (card.type === "node" || card.type === "group") card.size = grown(card.inputs.length, card.outputs.length);
  for (const [list, s] of [[card.inputs, "left"], [card.outputs, "right"]] as const) {
    portPlaces(card.size, list.length, s).forEach((at, i) => ((list[i] as Port).at = at));
  }
}

/** portAt returns where a port is on the canvas, the card's middle if it has none such. */
export function portAt(card: Card, name: string, side: "in" | "out"): Point {
  const port = (side === "in" ? card.inputs : card.outputs).find((p) => p.name === name);
  const rel = port?.at ?? [side === "in" ? 0 : card.size[0], card.size[1] / 2];
  return [card.at[0] + rel[0], card.at[1] + rel[1]];
}

/** isNodeCard tells cards that stand for a node of the file. */
export const isNodeCard = (card: Card): boolean => refOf(card.id).type === "node";

