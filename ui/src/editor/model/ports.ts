// What a flow says of its nodes' places and ports, asked by all commands.
import { inputsOf, type KindMap, outputsOf } from "../../api/kinds";
import type { ConnectionDoc, FlowDoc, GroupDoc, NodeDoc } from "../../api/wire";

export const inputPort = "InputPort";
export const outputPort = "OutputPort";
export const funnel = "Funnel";

/** passes is the output of ports and funnels. */
export const passes = "success";

export const isPort = (node: NodeDoc | undefined): boolean => node?.kind === inputPort || node?.kind === outputPort;

/** groupId is a group's id among those of cards. */
export const groupId = (slug: string): string => `group:${slug}`;
export const labelId = (slug: string): string => `label:${slug}`;
export const wireId = (slug: string): string => `wire:${slug}`;

/** Ref is what an id stands for. */
export interface Ref {
  type: "node" | "group" | "label" | "wire";
  slug: string;
}

/** refOf reads an id: "group:g", "label:l", "wire:w", or a node's slug. */
export function refOf(id: string): Ref {
  const cut = id.indexOf(":");
  const type = id.slice(0, cut);
  if (type === "group" || type === "label" || type === "wire") return { type, slug: id.slice(cut + 1) };
  return { type: "node", slug: id };
}

/** outputList returns a connection's outputs as a list. */
export const outputList = (c: ConnectionDoc): string[] => (Array.isArray(c.output) ? c.output : [c.output]);

/** outputValue writes outputs as a flow file has them: one as it is, several as a sorted list. */
export const outputValue = (names: readonly string[]): string | string[] => {
  const list = [...new Set(names)].toSorted();
  return list.length === 1 ? (list[0] as string) : list;
};

/** inputNames returns the names of a node's inputs; a kind that is not known has one. */
export function inputNames(node: NodeDoc, kinds: KindMap): string[] {
  if (node.kind === inputPort || node.kind === outputPort || node.kind === funnel) return [""];
  const kind = kinds.get(node.kind);
  return kind === undefined ? [""] : inputsOf(node, kind).map((i) => i.name);
}

/** outputNames returns the names of a node's outputs. */
export function outputNames(node: NodeDoc, kinds: KindMap): string[] {
  if (node.kind === inputPort || node.kind === outputPort || node.kind === funnel) return [passes];
  const kind = kinds.get(node.kind);
  return kind === undefined ? [] : outputsOf(node, kind).map((o) => o.name);
}

/** mainOutput returns the first output that carries data on, undefined for a sink. */
export function mainOutput(node: NodeDoc, kinds: KindMap): string | undefined {
  if (isPort(node) || node.kind === funnel) return passes;
  return outputsOf(node, kinds.get(node.kind)).find((o) => o.class === "out")?.name;
}

/** groupOf returns the group of a card, "" for the top. */
export function groupOf(doc: FlowDoc, id: string): string {
  const { type, slug } = refOf(id);
  if (type === "group") return doc.groups?.[slug]?.parent ?? "";
  if (type === "label") return doc.labels?.[slug]?.group ?? "";
  return doc.nodes[slug]?.group ?? "";
}

/** pathOf returns a group and those that hold it, outermost first; "" has none. */
export function pathOf(doc: FlowDoc, group: string): string[] {
  const path: string[] = [];
  for (let g: string | undefined = group; g !== undefined && g !== "" && !path.includes(g); ) {
    const entry: GroupDoc | undefined = doc.groups?.[g];
    if (entry === undefined) break;
    path.unshift(g);
    g = entry.parent;
  }
  return path;
}

/** nameOf returns what a card is called. */
export function nameOf(doc: FlowDoc, id: string): string {
  const { type, slug } = refOf(id);
  if (type === "group") return doc.groups?.[slug]?.name ?? slug;
  if (type === "label") return doc.labels?.[slug]?.text ?? slug;
  if (type === "wire") return slug;
  return doc.nodes[slug]?.name ?? slug;
}

/** isFree tells whether nothing in the flow has the slug yet. */
export const isFree = (doc: FlowDoc, area: "nodes" | "connections" | "groups" | "labels" | "services" | "parameters", slug: string): boolean =>
  !Object.hasOwn(doc[area] ?? {}, slug);
