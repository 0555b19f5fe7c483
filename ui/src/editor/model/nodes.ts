// Commands on nodes and other cards: add, move, rename, set.
import type { KindMap } from "../../api/kinds";
import type { FlowDoc, NodeDoc, Op } from "../../api/wire";
import { isFree, labelId, outputList, outputValue, refOf } from "./ports";
import { labelSize, type Point, snap } from "./size";
import { freeSlug, isSlug, slugOf } from "./slug";
import { type Step, Work } from "./work";

/**
 * addTo adds a node to a flow under change and returns its slug. What a sink has
 * done seldom leads anywhere, so with its kind known that output ends until it is wired.
 */
export function addTo(w: Work, kind: string, at: Point, group: string, kinds?: KindMap): string {
  const slug = w.freeNode(slugOf(kind));
  const k = kinds?.get(kind);
  const done = k?.sink === true && k.outputs?.some((o) => o.name === "success") === true;
  w.node(slug, { kind, group, ...(done && { terminate: ["success"] }) });
  w.place(slug, snap(at));
  return slug;
}

/** addNode adds a node of a kind with its corner at a place. */
export function addNode(doc: FlowDoc, kind: string, at: Point, group: string): Step {
  const w = new Work(doc);
  const slug = addTo(w, kind, at, group);
  return { ops: w.ops(), select: [slug] };
}

/** addLabel adds a note. */
export function addLabel(doc: FlowDoc, text: string, at: Point, group: string): Step {
  const w = new Work(doc);
  const slug = freeSlug("label", (s) => !isFree(doc, "labels", s));
  w.label(slug, { text, group, at: snap(at), size: labelSize });
  return { ops: w.ops(), select: [labelId(slug)] };
}

/** move shifts cards; those without a position keep having none, given `from` they get one. */
export function move(doc: FlowDoc, ids: Iterable<string>, dx: number, dy: number, from?: (id: string) => Point | undefined): Op[] {
  const places = new Map<string, Point>();
  for (const id of ids) {
    const { type, slug } = refOf(id);
    const at = type === "label" ? doc.labels?.[slug]?.at : doc.layout?.[id] ?? from?.(id);
    if (at !== undefined && type !== "wire") places.set(id, [at[0] + dx, at[1] + dy]);
  }
  return placeAll(doc, places);
}

/** placeAll puts cards where they are told. */
export function placeAll(doc: FlowDoc, places: Iterable<[id: string, at: Point]>): Op[] {
  const w = new Work(doc);
  for (const [id, at] of places) {
    const { type, slug } = refOf(id);
    if (type === "label" && doc.labels?.[slug] !== undefined) w.label(slug, { at });
    else if (type === "group" ? doc.groups?.[slug] !== undefined : type === "node" && doc.nodes[slug] !== undefined) w.place(id, at);
  }
  return w.ops();
}

/** setNode changes fields of a node; undefined, "" and [] take them away. */
export function setNode(doc: FlowDoc, node: string, change: Partial<NodeDoc>): Op[] {
  if (doc.nodes[node] === undefined) return [];
  const w = new Work(doc);
  w.node(node, change);
  return w.ops();
}

/** setSetting sets a setting of a node; undefined takes it away. */
export function setSetting(doc: FlowDoc, node: string, key: string, value: unknown): Op[] {
  const n = doc.nodes[node];
  if (n === undefined) return [];
  const settings = { ...n.settings, [key]: value };
  if (value === undefined) delete settings[key];
  return setNode(doc, node, { settings });
}

/** terminate says whether an output leads nowhere on purpose; wires of it go. */
export function terminate(doc: FlowDoc, node: string, output: string, on: boolean): Op[] {
  const n = doc.nodes[node];
  if (n === undefined) return [];
  const w = new Work(doc);
  const others = (n.terminate ?? []).filter((o) => o !== output);
  w.node(node, { terminate: on ? [...others, output] : others });
  if (on) {
    for (const [slug, c] of w.outOf(node)) {
      const left = outputList(c).filter((o) => o !== output);
      if (left.length === 0) w.dropWire(slug);
      else if (left.length < outputList(c).length) w.wire(slug, { output: outputValue(left) });
    }
  }
  return w.ops();
}

/** terminateRest ends all outputs of a node that lead nowhere yet. */
export function terminateRest(doc: FlowDoc, node: string, unused: readonly string[]): Op[] {
  const n = doc.nodes[node];
  return n === undefined || unused.length === 0 ? [] : setNode(doc, node, { terminate: [...(n.terminate ?? []), ...unused] });
}

/** setName calls a card something; "" leaves it with its slug. */
export function setName(doc: FlowDoc, id: string, name: string): Op[] {
  const { type, slug } = refOf(id);
  const w = new Work(doc);
  if (type === "node" && doc.nodes[slug] !== undefined) w.node(slug, { name });
  else if (type === "group" && doc.groups?.[slug] !== undefined) w.group(slug, { name });
  else if (type === "label" && doc.labels?.[slug] !== undefined) w.label(slug, { text: name });
  return w.ops();
}

/** noteColors are the colours that notes are offered, by the name that the file has. */
export const noteColors = ["amber", "green", "blue", "violet", "red"] as const;

/** setColor colours notes; "" leaves them plain. */
export function setColor(doc: FlowDoc, ids: Iterable<string>, color: string): Op[] {
  const w = new Work(doc);
  for (const id of ids) {
    const { type, slug } = refOf(id);
    if (type === "label" && doc.labels?.[slug] !== undefined) w.label(slug, { color });
  }
  return w.ops();
}

/** rename gives a node, group, wire or label another slug, wherever the flow uses it. */
export function rename(doc: FlowDoc, id: string, to: string): Step {
  const { type, slug } = refOf(id);
  const area = { node: "nodes", group: "groups", wire: "connections", label: "labels" } as const;
  if (to === slug || !isSlug(to) || isFree(doc, area[type], slug) || !isFree(doc, area[type], to)) return { ops: [] };
  const w = new Work(doc);
  const d = w.doc;
  const entries: Record<string, unknown> = d[area[type]];
  entries[to] = entries[slug];
  delete entries[slug];
  const next = type === "node" ? to : `${type}:${to}`;
  const was = d.layout[id];
  if (was !== undefined) {
    d.layout[next] = was;
    delete d.layout[id];
  }
  if (type === "node") {
    for (const [s, c] of Object.entries(d.connections)) {
      if (c.from === slug || c.to === slug) w.wire(s, { from: c.from === slug ? to : c.from, to: c.to === slug ? to : c.to });
    }
    for (const [s, n] of Object.entries(d.nodes)) if (n.after?.includes(slug) === true) w.node(s, { after: n.after.map((a) => (a === slug ? to : a)) });
  } else if (type === "group") {
    for (const [s, n] of Object.entries(d.nodes)) if (n.group === slug) w.node(s, { group: to });
    for (const [s, g] of Object.entries(d.groups)) if (g.parent === slug) w.group(s, { parent: to });
    for (const [s, l] of Object.entries(d.labels)) if (l.group === slug) w.label(s, { group: to });
  }
  return { ops: w.ops(), select: [next] };
}

