// Problems of the draft by the node or wire that they lie in.
import type { Problem } from "../api/wire";

interface Faults {
  count: number;
  errors: number;
  first: Problem;
}

const kept = new WeakMap<readonly Problem[], Map<string, Faults>>();

/** faultsOf returns a card's or wire's problems of a list, undefined for none. */
export function faultsOf(problems: readonly Problem[], id: string): Faults | undefined {
  let byId = kept.get(problems);
  if (byId === undefined) {
    byId = new Map();
    for (const p of problems) {
      const [area, slug] = (p.path ?? "").split(".");
      if (slug === undefined) continue;
      const key = area === "nodes" ? slug : area === "connections" ? `wire:${slug}` : "";
      const errors = p.level === "warning" ? 0 : 1;
      const old = byId.get(key);
      if (old === undefined) byId.set(key, { count: 1, errors, first: p });
      else {
        old.count++;
        old.errors += errors;
        if (old.first.level === "warning" && errors === 1) old.first = p;
      }
    }
    kept.set(problems, byId);
  }
  return byId.get(id);
}
