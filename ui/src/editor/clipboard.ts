// Copy and paste as JSON text: it works across tabs and servers, and in a mail.
// Secrets are only referred to, so none can leave.
import type { KindMap } from "../api/kinds";
import type { ConnectionDoc, FlowDoc, GroupDoc, LabelDoc, NodeDoc } from "../api/wire";
import { isTree } from "./ops";
import { groupId, groupOf, labelId, refOf } from "./model/ports";
import { groupsWithin, inside } from "./model/remove";
import { scene } from "./model/scene";
import { around, type Point, snap } from "./model/size";
import { baseOf, freeSlug, isSlug } from "./model/slug";
import { type Step, Work } from "./model/work";

/** Clip is what the clipboard holds. */
export interface Clip {
  "weir-clip": 1;
  nodes: Record<string, NodeDoc>;
  connections: Record<string, ConnectionDoc>;
  groups: Record<string, GroupDoc>;
  labels: Record<string, LabelDoc>;
  layout: Record<string, Point>;
  services?: FlowDoc["services"];
  parameters?: FlowDoc["parameters"];
}

const parameterRef = /#\{\s*([A-Za-z_][A-Za-z0-9_]*)/g;

function used(value: unknown, found: Set<string>): void {
  if (typeof value === "string") for (const m of value.matchAll(parameterRef)) found.add(m[1] as string);
  else if (Array.isArray(value)) for (const v of value) used(v, found);
  else if (isTree(value)) for (const v of Object.values(value)) used(v, found);
}

/** clip takes cards and the wires between them out of a flow, undefined when there is nothing to take. */
export function clip(doc: FlowDoc, ids: Iterable<string>, kinds: KindMap): Clip | undefined {
  const list = [...ids];
  const c: Clip = { "weir-clip": 1, nodes: {}, connections: {}, groups: {}, labels: {}, layout: {} };
  const groups = new Set(list.flatMap((id) => (refOf(id).type === "group" ? [...groupsWithin(doc, refOf(id).slug)] : [])));
  const top = new Set(list);
  const home = list.find((id) => refOf(id).type !== "wire");
  const shown = home === undefined ? undefined : scene(doc, groupOf(doc, home), kinds);
  for (const g of groups) {
    const { parent, ...rest } = doc.groups?.[g] ?? {};
    c.groups[g] = parent !== undefined && groups.has(parent) ? { ...rest, parent } : rest;
  }
  const names = new Set(list.flatMap((id) => (refOf(id).type === "group" ? inside(doc, refOf(id).slug) : doc.nodes[id] === undefined ? [] : [id])));
  for (const slug of names) {
    const { group, ...rest } = doc.nodes[slug] as NodeDoc;
    c.nodes[slug] = group !== undefined && groups.has(group) ? { ...rest, group } : rest;
  }
  for (const [slug, l] of Object.entries(doc.labels ?? {})) {
    const { group, ...rest } = l;
    if (group !== undefined && groups.has(group)) c.labels[slug] = { ...rest, group };
    else if (top.has(labelId(slug))) c.labels[slug] = rest;
  }
  for (const [slug, w] of Object.entries(doc.connections ?? {})) if (names.has(w.from) && names.has(w.to)) c.connections[slug] = w;
  for (const id of [...names, ...[...groups].map(groupId)]) {
    const at = shown?.byId.get(id)?.at ?? doc.layout?.[id];
    if (at !== undefined) c.layout[id] = at;
  }
  if (names.size + groups.size + Object.keys(c.labels).length === 0) return undefined;
  return { ...c, ...needs(doc, c, kinds) };
}

/** needs returns the services and parameters that clipped nodes refer to. */
function needs(doc: FlowDoc, c: Clip, kinds: KindMap): Pick<Clip, "services" | "parameters"> {
  const services: NonNullable<FlowDoc["services"]> = {};
  const params = new Set<string>();
  for (const n of Object.values(c.nodes)) {
    for (const p of kinds.get(n.kind)?.properties ?? []) {
      const name = n.settings?.[p.key];
      const service = p.type === "service" && typeof name === "string" ? doc.services?.[name] : undefined;
      if (service !== undefined) services[name as string] = service;
    }
    used(n.settings, params);
  }
  used(services, params);
  const parameters = Object.fromEntries([...params].flatMap((p) => (doc.parameters?.[p] === undefined ? [] : [[p, doc.parameters[p]]])));
  return {
    ...(Object.keys(services).length > 0 && { services }),
    ...(Object.keys(parameters).length > 0 && { parameters }),
  };
}

/** copyText returns cards as the clipboard's text, undefined when there is nothing to copy. */
export function copyText(doc: FlowDoc, ids: Iterable<string>, kinds: KindMap): string | undefined {
  const c = clip(doc, ids, kinds);
  return c === undefined ? undefined : `${JSON.stringify(c, null, 2)}\n`;
}

/** Pasted is what a text turned out to be: cards, a whole flow file, or nothing of ours; wrong says what is amiss with what is nearly ours. */
export type Pasted = { type: "clip"; clip: Clip } | { type: "flow"; text: string } | { type: "none"; wrong?: string };

const isText = (v: unknown): boolean => typeof v === "string";
const isMaybe = (is: (v: unknown) => boolean) => (v: unknown) => v === undefined || is(v);
const isTexts = (v: unknown): boolean => Array.isArray(v) && v.every(isText);
const isPair = (v: unknown): boolean => Array.isArray(v) && v.length === 2 && v.every(Number.isFinite);

/** shapes tells by area what each field of an entry must be that the canvas builds on. */
const shapes: Record<string, Record<string, (v: unknown) => boolean>> = {
  nodes: { kind: isText, name: isMaybe(isText), group: isMaybe(isText), settings: isMaybe(isTree), inputs: isMaybe(isTree), after: isMaybe(isTexts), terminate: isMaybe(isTexts) },
  connections: { from: isText, to: isText, input: isMaybe(isText), output: isMaybe((v) => isText(v) || isTexts(v)) },
  groups: { name: isMaybe(isText), parent: isMaybe(isText) },
  labels: { text: isMaybe(isText), group: isMaybe(isText), at: isPair, size: isPair },
  services: { kind: isText, settings: isMaybe(isTree) },
  parameters: { type: isMaybe(isText) },
};

/** wrongIn returns where a clip is not as a flow has it, as "nodes.a.kind"; undefined for a sound one. */
function wrongIn(v: Record<string, unknown>): string | undefined {
  for (const [area, fields] of Object.entries(shapes)) {
    const entries = v[area];
    if (entries === undefined && area !== "nodes") continue;
    if (!isTree(entries)) return area;
    for (const [slug, entry] of Object.entries(entries)) {
      if (!isTree(entry)) return `${area}.${slug}`;
      const bad = Object.keys(fields).find((key) => fields[key]?.(entry[key]) === false);
      if (bad !== undefined) return `${area}.${slug}.${bad}`;
    }
  }
  const layout = v["layout"] ?? {};
  if (!isTree(layout)) return "layout";
  const bad = Object.keys(layout).find((id) => !isPair(layout[id]));
  return bad === undefined ? undefined : `layout.${bad}`;
}

/** readText tells what a text from the clipboard, or a dropped file, is. */
export function readText(text: string): Pasted {
  let v: unknown;
  try {
    v = JSON.parse(text);
  } catch {
    return { type: "none" };
  }
  if (!isTree(v)) return { type: "none" };
  if (typeof v["weir"] === "number" && typeof v["id"] === "string") return { type: "flow", text };
  if (v["weir-clip"] === undefined) return { type: "none" };
  const wrong = v["weir-clip"] === 1 ? wrongIn(v) : "weir-clip";
  if (wrong !== undefined) return { type: "none", wrong };
  return { type: "clip", clip: { connections: {}, groups: {}, labels: {}, layout: {}, ...v } as unknown as Clip };
}

/** Where says where pasted cards go: centred on a place, or shifted from where they were. */
export type Where = { centre: Point } | { by: Point };

/** paste puts clipped cards into a group of a flow, with slugs of their own. */
export function paste(doc: FlowDoc, c: Clip, group: string, where: Where, kinds: KindMap): Step {
  const w = new Work(doc);
  const wish = (slug: string, fallback: string) => (isSlug(slug) ? slug : fallback);
  const free = (slug: string, taken: (s: string) => boolean, fallback: string) => {
    const first = wish(slug, fallback);
    return taken(first) ? freeSlug(baseOf(first), taken) : first;
  };
  const nodes = new Map<string, string>();
  const groups = new Map<string, string>();
  for (const g of Object.keys(c.groups)) {
    const slug = free(g, (s) => Object.hasOwn(w.doc.groups, s), "group");
    groups.set(g, slug);
    w.group(slug, {});
  }
  for (const [g, entry] of Object.entries(c.groups)) {
    w.group(groups.get(g) as string, { ...entry, parent: entry.parent === undefined ? group : groups.get(entry.parent) ?? group });
  }
  for (const slug of Object.keys(c.nodes)) {
    const made = free(slug, (s) => Object.hasOwn(w.doc.nodes, s), "node");
    nodes.set(slug, made);
    w.doc.nodes[made] = { kind: "" };
  }
  for (const [slug, n] of Object.entries(c.nodes)) {
    const after = n.after?.flatMap((a) => nodes.get(a) ?? (doc.nodes[a] === undefined ? [] : [a]));
    w.node(nodes.get(slug) as string, { ...n, after: after ?? [], group: n.group === undefined ? group : groups.get(n.group) ?? group });
  }
  for (const [slug, x] of Object.entries(c.connections)) {
    const from = nodes.get(x.from);
    const to = nodes.get(x.to);
    if (from === undefined || to === undefined) continue;
    const made = from === x.from && to === x.to ? free(slug, (s) => Object.hasOwn(w.doc.connections, s), "wire") : w.freeWire(from, to);
    w.wire(made, { ...x, from, to });
  }
  const labels = new Map<string, string>();
  for (const [slug, l] of Object.entries(c.labels)) {
    const made = free(slug, (s) => Object.hasOwn(w.doc.labels, s), "label");
    labels.set(slug, made);
    w.label(made, { ...l, group: l.group === undefined ? group : groups.get(l.group) ?? group });
  }
  for (const [id, at] of Object.entries(c.layout)) {
    const { type, slug } = refOf(id);
    const made = type === "group" ? groups.get(slug) : nodes.get(slug);
    if (made !== undefined) w.place(type === "group" ? groupId(made) : made, at);
  }
  lend(w, c);
  const select = [
    ...Object.entries(c.nodes).flatMap(([s, n]) => (n.group === undefined || !groups.has(n.group) ? [nodes.get(s) as string] : [])),
    ...Object.entries(c.groups).flatMap(([s, g]) => (g.parent === undefined ? [groupId(groups.get(s) as string)] : [])),
    ...Object.entries(c.labels).flatMap(([s, l]) => (l.group === undefined ? [labelId(labels.get(s) as string)] : [])),
  ];
  shift(w, select, group, where, kinds);
  return { ops: w.ops(), select };
}

/** lend brings services and parameters along that the flow does not have. */
function lend(w: Work, c: Clip): void {
  const services = { ...c.services, ...w.doc.services };
  const parameters = { ...c.parameters, ...w.doc.parameters };
  if (c.services !== undefined) w.doc.services = services;
  if (c.parameters !== undefined) w.doc.parameters = parameters;
}

function shift(w: Work, ids: readonly string[], group: string, where: Where, kinds: KindMap): void {
  const shown = scene(w.doc, group, kinds);
  const cards = ids.flatMap((id) => shown.byId.get(id) ?? []);
  const area = around(cards);
  if (area === undefined) return;
  const by = "by" in where ? where.by : snap([where.centre[0] - area.x - area.w / 2, where.centre[1] - area.y - area.h / 2]);
  for (const card of cards) {
    const at: Point = [card.at[0] + by[0], card.at[1] + by[1]];
    const { type, slug } = refOf(card.id);
    if (type === "label") w.label(slug, { at });
    else w.place(card.id, at);
  }
}

/** duplicate copies cards beside themselves. */
export function duplicate(doc: FlowDoc, ids: Iterable<string>, kinds: KindMap): Step {
  const list = [...ids].filter((id) => refOf(id).type !== "wire");
  const c = clip(doc, list, kinds);
  return c === undefined || list[0] === undefined ? { ops: [] } : paste(doc, c, groupOf(doc, list[0]), { by: [32, 32] }, kinds);
}
