// The outline's rows: groups, their nodes in the order in which data flows, and
// the wires that leave each.
import type { FlowDoc } from "../api/wire";
import { groupId, labelId, outputList, refOf, wireId } from "../editor/model/ports";

/** Row is a line of the outline. */
export interface Row {
  id: string;
  type: "group" | "node" | "wire" | "label";
  level: number;
  parent: string;
  /** open is undefined where there is nothing to unfold. */
  open: boolean | undefined;
  name: string;
  detail: string;
  /** at of count among its siblings. */
  at: number;
  count: number;
}

/** rows lists what is unfolded. Groups are open unless folded, nodes folded unless unfolded. */
export function rows(doc: FlowDoc, turned: ReadonlySet<string>): Row[] {
  const byGroup = new Map<string, { id: string; x: number; y: number }[]>();
  const add = (group: string, id: string, at: readonly [number, number] | undefined) => {
    const list = byGroup.get(group);
    const item = { id, x: at?.[0] ?? 0, y: at?.[1] ?? 0 };
    if (list === undefined) byGroup.set(group, [item]);
    else list.push(item);
  };
  for (const [slug, g] of Object.entries(doc.groups ?? {})) add(g.parent ?? "", groupId(slug), doc.layout?.[groupId(slug)]);
  for (const [slug, n] of Object.entries(doc.nodes)) add(n.group ?? "", slug, doc.layout?.[slug]);
  for (const [slug, l] of Object.entries(doc.labels ?? {})) add(l.group ?? "", labelId(slug), l.at);
  const wires = new Map<string, string[]>();
  for (const [slug, c] of Object.entries(doc.connections ?? {})) wires.set(c.from, [...(wires.get(c.from) ?? []), slug]);
  const out: Row[] = [];
  const nameOf = (slug: string) => doc.nodes[slug]?.name ?? slug;
  const walk = (group: string, parent: string, level: number) => {
    const items = (byGroup.get(group) ?? []).toSorted((a, b) => a.x - b.x || a.y - b.y || (a.id < b.id ? -1 : 1));
    items.forEach(({ id }, i) => {
      const { type, slug } = refOf(id);
      const place = { id, level, parent, at: i + 1, count: items.length };
      if (type === "group") {
        const open = !turned.has(id);
        out.push({ ...place, type, open, name: doc.groups?.[slug]?.name ?? slug, detail: "" });
        if (open && level < 50) walk(slug, id, level + 1);
      } else if (type === "label") out.push({ ...place, type, open: undefined, name: doc.labels?.[slug]?.text ?? "", detail: "" });
      else {
        const leaving = wires.get(slug) ?? [];
        const open = leaving.length === 0 ? undefined : turned.has(id);
        out.push({ ...place, type: "node", open, name: nameOf(slug), detail: doc.nodes[slug]?.kind ?? "" });
        if (open !== true) return;
        leaving.forEach((w, j) => {
          const c = doc.connections?.[w];
          if (c === undefined) return;
          out.push({ id: wireId(w), type: "wire", level: level + 1, parent: id, open: undefined, at: j + 1, count: leaving.length, name: `${outputList(c).join(", ")} → ${nameOf(c.to)}`, detail: c.input ?? "" });
        });
      }
    });
  };
  walk("", "", 1);
  return out;
}

/** Way is where a key leads. */
export type Way = "up" | "down" | "first" | "last" | "in" | "out";

/** step returns the row that a key leads to, and whether it turns the one it stood on. */
export function step(list: readonly Row[], id: string, way: Way): { id: string; turn: boolean } {
  const i = list.findIndex((r) => r.id === id);
  const row = list[i];
  const to = (j: number) => ({ id: list[Math.max(0, Math.min(list.length - 1, j))]?.id ?? "", turn: false });
  if (row === undefined || way === "first") return to(0);
  switch (way) {
    case "last":
      return to(list.length - 1);
    case "up":
      return to(i - 1);
    case "down":
      return to(i + 1);
    case "in":
      return row.open === false ? { id, turn: true } : row.open === true && list[i + 1]?.parent === id ? to(i + 1) : { id, turn: false };
    case "out":
      return row.open === true ? { id, turn: true } : { id: row.parent === "" ? id : row.parent, turn: false };
  }
}
