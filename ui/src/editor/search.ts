// Searching a flow: words in names, slugs, kinds and settings, and filters such
// as "is:running", "is:invalid", "kind:csv", "in:group", "uses:parameter".
import type { FlowDoc, NodeState, Problem } from "../api/wire";
import { groupId, labelId, wireId } from "./model/ports";

/** Query is what somebody asked for. */
export interface Query {
  words: string[];
  filters: { key: string; value: string }[];
}

const known = new Set(["is", "kind", "in", "uses", "type"]);
const fold = (s: string): string => s.normalize("NFC").toLowerCase();

/** readQuery parts filters from words. */
export function readQuery(text: string): Query {
  const q: Query = { words: [], filters: [] };
  for (const part of fold(text).split(/\s+/)) {
    const cut = part.indexOf(":");
    const key = part.slice(0, cut);
    if (cut > 0 && known.has(key)) {
      if (cut < part.length - 1) q.filters.push({ key, value: part.slice(cut + 1) });
    } else if (part !== "") q.words.push(part);
  }
  return q;
}

/** Found is a thing of the flow that was asked for; why is where the words were met. */
export interface Found {
  id: string;
  type: "node" | "group" | "wire" | "label";
  name: string;
  detail: string;
  group: string;
  why: string;
  score: number;
}

/** States names live states as filters do. */
const states: Record<string, readonly number[]> = {
  stopped: [0], running: [1], invalid: [2], disabled: [3], starting: [4], stopping: [5], failing: [6],
  waiting: [10], ready: [11], working: [12], done: [13], failed: [14, 16], skipped: [15],
};

/** filterNames are the words after "is:", for a hint. */
export const filterNames: readonly string[] = Object.keys(states);

/** Facts is what is known beside the file. */
export interface Facts {
  stateOf?: ((node: string) => NodeState | undefined) | undefined;
  problems?: readonly Problem[];
}

/** textOf writes all that a value says. */
function textOf(value: unknown): string {
  if (typeof value === "object" && value !== null) return Object.entries(value).map(([k, v]) => `${Array.isArray(value) ? "" : k} ${textOf(v)}`).join(" ");
  return value === undefined || value === null ? "" : String(value);
}

/** scoreOf rates a word against a name: it begins so, a word in it does, it contains it, its letters come in this order. */
export function scoreOf(name: string, word: string): number {
  const n = fold(name);
  if (n.includes(word)) {
    if (n === word) return 10;
    if (n.startsWith(word)) return 8;
    return n.split(/[\s\-_.]+/).some((w) => w.startsWith(word)) || fold(name.replace(/([a-z])([A-Z])/g, "$1 $2")).split(" ").some((w) => w.startsWith(word)) ? 6 : 4;
  }
  if (word.length < 3) return 0;
  let at = 0;
  for (const c of n) if (c === word[at]) at++;
  return at === word.length ? 1 : 0;
}

const texts = new WeakMap<object, [why: string, text: string][]>();

/** textsOf returns the folded texts of an entry; entries that stay the same are read once. */
function textsOf(entry: object, read: () => [why: string, text: string][]): [why: string, text: string][] {
  const known = texts.get(entry);
  if (known !== undefined) return known;
  const made = read().map(([why, text]): [string, string] => [why, fold(text)]);
  texts.set(entry, made);
  return made;
}

interface Thing {
  id: string;
  type: Found["type"];
  name: string;
  detail: string;
  group: string;
  names: string[];
  /** texts are settings and such, met last. */
  texts: () => [why: string, text: string][];
  fits(key: string, value: string): boolean;
}

const owner = /^\/?(nodes|connections)[./]([^./]+)/;

function things(doc: FlowDoc, facts: Facts): Thing[] {
  const invalid = new Set((facts.problems ?? []).filter((p) => p.level !== "warning").map((p) => {
    const [, area, slug] = owner.exec(p.path) ?? [];
    return slug === undefined ? "" : area === "connections" ? wireId(slug) : slug;
  }));
  const inGroup = (group: string, value: string) => fold(group).includes(value) || fold(doc.groups?.[group]?.name ?? "").includes(value);
  const plain = (type: string, id: string, group: string) => (key: string, value: string) =>
    key === "type" ? type.startsWith(value) : key === "in" ? group !== "" && inGroup(group, value) : key === "is" ? value === "invalid" && invalid.has(id) : false;
  const nodes = Object.entries(doc.nodes).map(([slug, n]): Thing => {
    const common = plain("node", slug, n.group ?? "");
    return {
      id: slug, type: "node", name: n.name ?? slug, detail: n.kind, group: n.group ?? "", names: [n.name ?? "", slug, n.kind],
      texts: () => textsOf(n, () => [...Object.entries(n.settings ?? {}).map(([k, v]): [string, string] => [k, textOf(v)]), ["doc", n.doc ?? ""]]),
      fits: (key, value) => {
        if (key === "kind") return fold(n.kind).includes(value);
        if (key === "uses") return textOf(n.settings).toLowerCase().includes(`#{${value}`) || Object.values(n.settings ?? {}).includes(value);
        const state = facts.stateOf?.(slug);
        if (key === "is" && state !== undefined && states[value]?.includes(state) === true) return true;
        return common(key, value);
      },
    };
  });
  const groups = Object.entries(doc.groups ?? {}).map(([slug, g]): Thing => ({
    id: groupId(slug), type: "group", name: g.name ?? slug, detail: "", group: g.parent ?? "", names: [g.name ?? "", slug], texts: () => textsOf(g, () => [["doc", g.doc ?? ""]]), fits: plain("group", groupId(slug), g.parent ?? ""),
  }));
  const labels = Object.entries(doc.labels ?? {}).map(([slug, l]): Thing => ({
    id: labelId(slug), type: "label", name: l.text, detail: "", group: l.group ?? "", names: [l.text], texts: () => [], fits: plain("label", labelId(slug), l.group ?? ""),
  }));
  const named = (slug: string) => doc.nodes[slug]?.name ?? slug;
  const wires = Object.entries(doc.connections ?? {}).map(([slug, c]): Thing => ({
    id: wireId(slug), type: "wire", name: `${named(c.from)} → ${named(c.to)}`, detail: textOf(c.output).trim(), group: doc.nodes[c.from]?.group ?? "", names: [slug], texts: () => textsOf(c, () => [["", textOf(c)]]), fits: plain("wire", wireId(slug), doc.nodes[c.from]?.group ?? ""),
  }));
  return [...nodes, ...groups, ...labels, ...wires];
}

const weight = { node: 3, group: 2, label: 1, wire: 0 } as const;

/** search returns what of a flow was asked for, best first; without a question nothing. */
export function search(doc: FlowDoc, q: Query, facts: Facts = {}, most = 50): Found[] {
  if (q.words.length + q.filters.length === 0) return [];
  const found: Found[] = [];
  for (const thing of things(doc, facts)) {
    if (!q.filters.every((f) => thing.fits(f.key, f.value))) continue;
    let score = weight[thing.type] / 10;
    let why = "";
    const all = q.words.every((word) => {
      const best = Math.max(...thing.names.map((n) => scoreOf(n, word)));
      if (best > 1) score += best;
      else {
        const met = thing.texts().find(([, text]) => text.includes(word));
        if (met === undefined) {
          score += best;
          return best > 0;
        }
        why = met[0];
        score += 2;
      }
      return true;
    });
    if (all) found.push({ id: thing.id, type: thing.type, name: thing.name, detail: thing.detail, group: thing.group, why, score });
  }
  return found.sort((a, b) => b.score - a.score || weight[b.type] - weight[a.type] || (a.id < b.id ? -1 : 1)).slice(0, most);
}
