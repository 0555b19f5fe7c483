// Groups: make one of a selection, dissolve one, move cards between them. Wires
// that come to cross a border get ports; ports that serve nothing any more go.
import type { KindMap } from "../../api/kinds";
import type { FlowDoc } from "../../api/wire";
import { bridge, bypass, sourceLevel, targetLevel } from "./bridge";
import { groupId, groupOf, isPort, outputList, pathOf, refOf } from "./ports";
import { groupsWithin, inside } from "./remove";
import { scene } from "./scene";
import { around, cardSize, type Point, snap } from "./size";
import { slugOf } from "./slug";
import { type Step, Work } from "./work";

/** groupable returns those of the ids that a new group can hold: cards of one group, its own ports left out. */
export function groupable(doc: FlowDoc, ids: Iterable<string>): string[] {
  const list = [...ids].filter((id) => refOf(id).type !== "wire");
  const home = list[0] === undefined ? "" : groupOf(doc, list[0]);
  return list.filter((id) => groupOf(doc, id) === home && !(home !== "" && isPort(doc.nodes[id])));
}

/** makeGroup puts cards into a new group where they are. */
export function makeGroup(doc: FlowDoc, ids: Iterable<string>, kinds: KindMap, name = ""): Step {
  const list = groupable(doc, ids);
  if (list.length === 0) return { ops: [] };
  const parent = groupOf(doc, list[0] as string);
  const shown = scene(doc, parent, kinds);
  const area = around(list.flatMap((id) => shown.byId.get(id) ?? []));
  const w = new Work(doc);
  const slug = w.freeGroup(slugOf(name, "group"));
  w.group(slug, { name, parent });
  if (area !== undefined) w.place(groupId(slug), snap([area.x + (area.w - cardSize[0]) / 2, area.y + (area.h - cardSize[1]) / 2]));
  relocate(w, list, slug);
  return { ops: w.ops(), select: [groupId(slug)] };
}

/** ungroup dissolves a group: what was in it lies around where it was, wired as before. */
export function ungroup(doc: FlowDoc, id: string, kinds: KindMap): Step {
  const { type, slug } = refOf(id);
  const group = doc.groups?.[slug];
  if (type !== "group" || group === undefined) return { ops: [] };
  const shown = scene(doc, slug, kinds).cards.filter((c) => c.type !== "port");
  const area = around(shown);
  const box = doc.layout?.[id];
  const w = new Work(doc);
  for (const [s, n] of Object.entries(doc.nodes)) if (n.group === slug && isPort(n)) bypass(w, s);
  const by: Point = area === undefined || box === undefined ? [0, 0] : snap([box[0] + cardSize[0] / 2 - area.x - area.w / 2, box[1] + cardSize[1] / 2 - area.y - area.h / 2]);
  const parent = group.parent ?? "";
  for (const card of shown) {
    setGroup(w, card.id, parent);
    put(w, card.id, [card.at[0] + by[0], card.at[1] + by[1]]);
  }
  delete w.doc.groups[slug];
  delete w.doc.layout[id];
  return { ops: w.ops(), select: shown.map((c) => c.id) };
}

/** canMoveTo tells whether cards can go into a group: not into themselves. */
export function canMoveTo(doc: FlowDoc, ids: Iterable<string>, group: string): boolean {
  const list = groupable(doc, ids);
  if (list.length === 0 || (group !== "" && doc.groups?.[group] === undefined)) return false;
  return groupOf(doc, list[0] as string) !== group && !list.some((id) => refOf(id).type === "group" && groupsWithin(doc, refOf(id).slug).has(group));
}

/** moveTo puts cards into another group, around a place there or right of what is in it. */
export function moveTo(doc: FlowDoc, ids: Iterable<string>, group: string, kinds: KindMap, centre?: Point): Step {
  if (!canMoveTo(doc, ids, group)) return { ops: [] };
  const list = groupable(doc, ids);
  const here = scene(doc, groupOf(doc, list[0] as string), kinds);
  const cards = list.flatMap((id) => here.byId.get(id) ?? []);
  const area = around(cards);
  const there = around(scene(doc, group, kinds).cards.filter((c) => c.type !== "port"));
  const w = new Work(doc);
  relocate(w, list, group);
  if (area !== undefined) {
    const corner: Point = centre !== undefined ? [centre[0] - area.w / 2, centre[1] - area.h / 2] : there === undefined ? [0, 0] : [there.x + there.w + 112, there.y];
    const by = snap([corner[0] - area.x, corner[1] - area.y]);
    for (const card of cards) put(w, card.id, [card.at[0] + by[0], card.at[1] + by[1]]);
  }
  return { ops: w.ops(), select: list };
}

function put(w: Work, id: string, at: Point): void {
  const { type, slug } = refOf(id);
  if (type === "label") w.label(slug, { at });
  else w.place(id, at);
}

function setGroup(w: Work, id: string, group: string): void {
  const { type, slug } = refOf(id);
  if (type === "group") w.group(slug, { parent: group });
  else if (type === "label") w.label(slug, { group });
  else w.node(slug, { group });
}

/** relocate moves cards to a group and mends the wires between them and the rest. */
function relocate(w: Work, ids: readonly string[], to: string): void {
  const from = groupOf(w.doc, ids[0] as string);
  const up = pathOf(w.doc, from);
  const down = pathOf(w.doc, to);
  const borders = new Set([...up.filter((g) => !down.includes(g)), ...down.filter((g) => !up.includes(g))]);
  const moved = new Set(ids.flatMap((id) => (refOf(id).type === "group" ? inside(w.doc, refOf(id).slug) : refOf(id).type === "node" ? [id] : [])));
  shorten(w, moved, borders);
  for (const id of ids) setGroup(w, id, to);
  for (const [slug, c] of Object.entries(w.doc.connections)) {
    if (moved.has(c.from) === moved.has(c.to) || sourceLevel(w, c.from) === targetLevel(w, c.to)) continue;
    w.dropWire(slug);
    bridge(w, c.from, outputList(c), c.to, c.input ?? "", c, slug);
  }
}

/** shorten wires moved nodes past the ports of borders that they leave or cross. */
function shorten(w: Work, moved: ReadonlySet<string>, borders: ReadonlySet<string>): void {
  const border = (node: string) => !moved.has(node) && isPort(w.doc.nodes[node]) && borders.has(w.doc.nodes[node]?.group ?? "");
  for (let again = true; again; ) {
    again = false;
    for (const [slug, c] of Object.entries(w.doc.connections)) {
      const port = moved.has(c.from) && border(c.to) ? c.to : moved.has(c.to) && border(c.from) ? c.from : undefined;
      if (port === undefined || w.doc.connections[slug] === undefined) continue;
      again = true;
      const forth = port === c.to;
      const beyond = forth ? w.outOf(port) : w.into(port);
      w.dropWire(slug);
      for (const [s, b] of beyond) {
        if (forth) w.link(c.from, outputList(c), b.to, b.input ?? "", b, s);
        else w.link(b.from, outputList(b), c.to, c.input ?? "", b, s);
      }
      const left = forth ? w.into(port) : w.outOf(port);
      if (left.length === 0 && beyond.length > 0) w.dropNode(port);
    }
  }
}
