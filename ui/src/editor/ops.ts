// Operations on a flow file: sets and removals at paths of its JSON tree. They
// are the one form in which the draft changes: edit, undo, paste and what other
// people do are lists of them. The server applies them by the same rules.
import type { FlowDoc, Op } from "../api/wire";

type Tree = Record<string, unknown>;

/** isTree tells objects from lists and plain values. */
export const isTree = (v: unknown): v is Tree => typeof v === "object" && v !== null && !Array.isArray(v);

/** at returns the value at a path, undefined when there is none. */
export function at(doc: unknown, path: readonly string[]): unknown {
  let v: unknown = doc;
  for (const key of path) {
    if (!isTree(v) || !Object.hasOwn(v, key)) return undefined;
    v = v[key];
  }
  return v;
}

const isEmpty = (tree: Tree): boolean => {
  for (const _ in tree) return false;
  return true;
};

/** Writer changes a tree by copying each object on the way once. */
class Writer {
  private own = new Set<unknown>();
  root: Tree;

  constructor(root: Tree) {
    this.root = this.copy(root);
  }

  private copy(tree: Tree): Tree {
    if (this.own.has(tree)) return tree;
    const mine = { ...tree };
    this.own.add(mine);
    return mine;
  }

  /** way returns the objects from the root to the last that there is. */
  private way(path: readonly string[]): Tree[] {
    const way = [this.root];
    for (const key of path.slice(0, -1)) {
      const above = way[way.length - 1] as Tree;
      const child = Object.hasOwn(above, key) ? above[key] : undefined;
      if (child === undefined) break;
      if (!isTree(child)) throw new Error(`an operation into a plain value at ${path.join(".")}`);
      const mine = this.copy(child);
      above[key] = mine;
      way.push(mine);
    }
    return way;
  }

  remove(op: Op): Op {
    const { path } = op;
    const undo: Op = { path };
    if (at(this.root, path) === undefined) return undo;
    const way = this.way(path);
    const last = path.length - 1;
    undo.value = (way[last] as Tree)[path[last] as string];
    for (let i = last; i >= 0; i--) {
      const tree = way[i] as Tree;
      delete tree[path[i] as string];
      // An object that lost its last key goes with it, but for the list of nodes.
      if (!isEmpty(tree) || (i === 1 && path[0] === "nodes")) break;
    }
    return undo;
  }

  put(op: Op): Op {
    const { path, value } = op;
    const way = this.way(path);
    const deepest = way.length - 1;
    const last = path.length - 1;
    let tree = way[deepest] as Tree;
    const key = path[deepest] as string;
    let undo: Op = { path, was: value };
    if (Object.hasOwn(tree, key)) undo.value = tree[key];
    else if (isEmpty(tree) && deepest > 0 && (deepest > 1 || path[0] !== "nodes")) undo = { path: path.slice(0, deepest), value: {} };
    for (const k of path.slice(deepest, last)) {
      const child: Tree = {};
      this.own.add(child);
      tree[k] = child;
      tree = child;
    }
    tree[path[last] as string] = value;
    return undo;
  }
}

/** apply returns the document with the operations carried out and those that undo them. */
export function apply(doc: FlowDoc, ops: readonly Op[]): { doc: FlowDoc; inverse: Op[] } {
  if (ops.length === 0) return { doc, inverse: [] };
  const w = new Writer(doc as unknown as Tree);
  const inverse: Op[] = [];
  for (const op of ops) {
    if (op.path.length === 0) throw new Error("an operation without a path");
    inverse.push(op.value === undefined ? w.remove(op) : w.put(op));
  }
  return { doc: w.root as unknown as FlowDoc, inverse: inverse.reverse() };
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
    return keys.length === Object.keys(b).length && keys.every((k) => Object.hasOwn(b, k) && same(a[k], b[k]));
  }
  return false;
}

/** isLayout tells operations on positions, which never clash: the last one wins. */
export const isLayout = (op: Op): boolean => op.path[0] === "layout";

/** isWhole tells operations that bring or take a whole entry: a node, a wire, a group. */
export const isWhole = (op: Op): boolean => op.path.length <= 2 && !isLayout(op);

/**
 * rebase parts my operations, made without knowledge of theirs, into those that
 * still hold and those that clash. Fields are judged one by one; where a whole
 * entry clashes, all of the step is held back, for half of it would make no sense.
 */
export function rebase(mine: readonly Op[], theirs: readonly Op[]): { keep: Op[]; clashes: Clash[] } {
  const keep: Op[] = [];
  const clashes: Clash[] = [];
  // Most steps of others touch other entries: look only where the first keys agree.
  const near = new Map<string, Op[]>();
  for (const o of theirs) {
    const top = o.path[0] as string;
    const list = near.get(top);
    if (list === undefined) near.set(top, [o]);
    else list.push(o);
  }
  for (const op of mine) {
    const met = near.get(op.path[0] as string)?.findLast((o) => overlaps(op.path, o.path) && !(op.path.length === o.path.length && same(op.value, o.value)));
    if (met === undefined || isLayout(op)) keep.push(op);
    else clashes.push({ mine: op, theirs: met });
  }
  if (clashes.some((c) => isWhole(c.mine))) return { keep: [], clashes };
  return { keep, clashes };
}
