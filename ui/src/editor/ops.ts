// Operations on a flow file: sets and removals at paths of its JSON tree. They
// are the one form in which the draft changes: edit, undo, paste and what other
// people do are lists of them.
import type { FlowDoc, Op } from "../api/wire";

type Tree = Record<string, unknown>;

const isTree = (v: unknown): v is Tree => typeof v === "object" && v !== null && !Array.isArray(v);

/** at returns the value at a path, undefined when there is none. */
export function at(doc: unknown, path: readonly string[]): unknown {
  let v: unknown = doc;
  for (const key of path) {
    if (!isTree(v)) return undefined;
    v = v[key];
  }
  return v;
}

function put(tree: unknown, path: readonly string[], depth: number, value: unknown): Tree | undefined {
  const key = path[depth];
  if (key === undefined) throw new Error("an operation without a path");
  const out: Tree = isTree(tree) ? { ...tree } : {};
  if (depth === path.length - 1) {
    if (value === undefined) delete out[key];
    else out[key] = value;
  } else {
    const child = put(out[key], path, depth + 1, value);
    if (child === undefined) delete out[key];
    else out[key] = child;
  }
  // Empty parents go, as the server's canonical form has none; nodes stay.
  return depth > 0 && Object.keys(out).length === 0 && path[depth - 1] !== "nodes" ? undefined : out;
}

/** apply returns the document with the operations carried out and those that undo them. */
export function apply(doc: FlowDoc, ops: readonly Op[]): { doc: FlowDoc; inverse: Op[] } {
  let now: FlowDoc = doc;
  const inverse: Op[] = [];
  for (const op of ops) {
    const was = at(now, op.path);
    inverse.unshift(was === undefined ? { path: op.path, was: op.value } : { path: op.path, value: was, was: op.value });
    now = put(now, op.path, 0, op.value) as unknown as FlowDoc;
  }
  return { doc: now, inverse };
}

/** overlaps tells whether one path leads to or into the other. */
export function overlaps(a: readonly string[], b: readonly string[]): boolean {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Clash is an operation of mine that met one of somebody else's. */
export interface Clash {
  mine: Op;
  theirs: Op;
}

/** same compares JSON values. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((v, i) => same(v, b[i]));
  if (isTree(a) && isTree(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((k) => same(a[k], b[k]));
  }
  return false;
}

/**
 * rebase parts my operations, made without knowledge of theirs, into those that
 * still hold and those that clash. Positions never clash: the last one wins.
 */
export function rebase(mine: readonly Op[], theirs: readonly Op[]): { keep: Op[]; clashes: Clash[] } {
  const keep: Op[] = [];
  const clashes: Clash[] = [];
  for (const op of mine) {
    const met = theirs.findLast((o) => overlaps(op.path, o.path) && !(op.path.length === o.path.length && same(op.value, o.value)));
    if (met === undefined || op.path[0] === "layout") keep.push(op);
    else clashes.push({ mine: op, theirs: met });
  }
  return { keep, clashes };
}
