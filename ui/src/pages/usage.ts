// Where a flow uses parameters, services and secrets, and what follows when one
// gets another name.
import type { KindMap } from "../api/kinds";
import type { FlowDoc, Op } from "../api/wire";
import { isTree } from "../editor/ops";

/** Use is a place of a flow that names something. */
export interface Use {
  /** open is what the inspector calls the place; "" where it has no card. */
  open: string;
  name: string;
  path: string[];
}

type Visit = (v: unknown, path: string[]) => void;

// Settings of nodes and services, and all that lies within them.
function visit(doc: FlowDoc, see: Visit): void {
  const into = (v: unknown, path: string[]) => {
    see(v, path);
    if (Array.isArray(v)) v.forEach((x) => into(x, path));
    else if (isTree(v)) Object.entries(v).forEach(([k, x]) => into(x, [...path, k]));
  };
  for (const area of ["nodes", "services"] as const) {
    for (const [slug, entry] of Object.entries(doc[area] ?? {})) Object.entries(entry.settings ?? {}).forEach(([key, v]) => into(v, [area, slug, "settings", key]));
  }
  if (doc.notify !== undefined) into(doc.notify, ["notify"]);
}

const useAt = (doc: FlowDoc, path: string[]): Use => {
  const slug = path[1] ?? "";
  if (path[0] === "nodes") return { open: slug, name: doc.nodes[slug]?.name ?? slug, path };
  return { open: path[0] === "notify" ? "flow" : "", name: path[0] === "notify" ? (doc.name ?? doc.id) : slug, path };
};

const once = (uses: Use[]): Use[] => uses.filter((u, i) => uses.findIndex((o) => o.path[0] === u.path[0] && o.path[1] === u.path[1]) === i);

const refers = (name: string) => new RegExp(`(?<!#)#\\{${name}\\}|\\$\\{run\\.params\\.${name}\\b`);

/** usesOfParameter returns where a parameter is used. */
export function usesOfParameter(doc: FlowDoc, name: string): Use[] {
  const found: Use[] = [];
  const mark = refers(name);
  visit(doc, (v, path) => typeof v === "string" && mark.test(v) && found.push(useAt(doc, path)));
  return once(found);
}

/** usesOfService returns the nodes that name a service. */
export function usesOfService(doc: FlowDoc, name: string, kinds: KindMap): Use[] {
  return Object.entries(doc.nodes).flatMap(([slug, n]) =>
    (kinds.get(n.kind)?.properties ?? []).filter((p) => p.type === "service" && n.settings?.[p.key] === name).map((p) => useAt(doc, ["nodes", slug, "settings", p.key])));
}

/** usesOfSecret returns where a secret is named. */
export function usesOfSecret(doc: FlowDoc, name: string): Use[] {
  const found: Use[] = [];
  visit(doc, (v, path) => isTree(v) && v["secret"] === name && Object.keys(v).length === 1 && found.push(useAt(doc, path)));
  return once(found);
}

function replaced(v: unknown, change: (s: string) => string): unknown {
  if (typeof v === "string") return change(v);
  if (Array.isArray(v)) return v.map((x) => replaced(x, change));
  return isTree(v) ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, replaced(x, change)])) : v;
}

/** renameParameter gives a parameter another name wherever settings use it. */
export function renameParameter(doc: FlowDoc, from: string, to: string): Op[] {
  if (doc.parameters?.[from] === undefined) return [];
  const ops: Op[] = [{ path: ["parameters", from] }, { path: ["parameters", to], value: doc.parameters?.[from] }];
  const change = (s: string) => s.replace(new RegExp(`(?<!#)#\\{${from}\\}`, "g"), () => `#{${to}}`).replace(new RegExp(`(run\\.params\\.)${from}\\b`, "g"), (_, head: string) => head + to);
  for (const area of ["nodes", "services"] as const) {
    for (const [slug, entry] of Object.entries(doc[area] ?? {})) {
      for (const [key, v] of Object.entries(entry.settings ?? {})) {
        const next = replaced(v, change);
        if (JSON.stringify(next) !== JSON.stringify(v)) ops.push({ path: [area, slug, "settings", key], value: next });
      }
    }
  }
  return ops;
}

/** renameService gives a service another name, and tells the nodes that use it. */
export function renameService(doc: FlowDoc, from: string, to: string, kinds: KindMap): Op[] {
  if (doc.services?.[from] === undefined) return [];
  return [{ path: ["services", from] }, { path: ["services", to], value: doc.services?.[from] }, ...usesOfService(doc, from, kinds).map((u): Op => ({ path: u.path, value: to }))];
}
