// Steps of the user's: kept for undo, sent as they are, judged before they are
// taken back.
import type { Edit, FlowDoc, Op } from "../api/wire";
import { apply, at, type Clash, isLayout, overlaps, rebase, same } from "./ops";

/** Change is one step of the user's: what it did and what takes it back. */
export interface Change {
  id: number;
  label: string;
  ops: Op[];
  inverse: Op[];
  /** key names what the step edits, so that quick successive edits become one; at is when. */
  key?: string | undefined;
  at: number;
}

/** Kept is a change of mine that met somebody else's; it waits for a decision. */
export interface Kept {
  id: number;
  label: string;
  clash: Clash;
  who: string;
  /** ops is what "mine" sends again; restore brings back first what they took away. */
  ops: Op[];
  restore: Op[];
}

const entryAreas = new Set(["nodes", "connections", "groups", "labels", "services", "parameters"]);

/** fits tells whether an operation on a field finds its entry; without it half an entry would come to be. */
export const fits = (doc: FlowDoc, op: Op): boolean =>
  op.path.length < 3 || !entryAreas.has(op.path[0] as string) || at(doc, op.path.slice(0, 2)) !== undefined;

/** owned tells whether what a position belongs to is there. */
const owned = (doc: FlowDoc, op: Op): boolean => {
  if (!isLayout(op) || op.value === undefined || op.path.length !== 2) return true;
  const id = op.path[1] as string;
  return id.startsWith("group:") ? doc.groups?.[id.slice(6)] !== undefined : doc.nodes[id] !== undefined;
};

/** withOwners leaves out positions of things that are not there once the operations are done. */
export function withOwners(doc: FlowDoc, ops: readonly Op[]): Op[] {
  if (!ops.some(isLayout)) return [...ops];
  const after = apply(doc, ops).doc;
  return ops.filter((op) => owned(after, op));
}

/** replay carries out what still finds its place. */
export function replay(base: FlowDoc, pending: readonly Change[]): FlowDoc {
  let doc = base;
  for (const c of pending) {
    // An entry may be made by the step itself: judged one after the other only where needed.
    if (c.ops.every((op) => fits(doc, op))) doc = apply(doc, c.ops).doc;
    else for (const op of c.ops) if (fits(doc, op)) doc = apply(doc, [op]).doc;
  }
  return doc;
}

/** stale returns the path of a step's whose outcome is no longer what the step left, undefined if all is as it was. */
export function stale(doc: FlowDoc, c: Change): readonly string[] | undefined {
  const last = new Map(c.ops.map((op) => [op.path.join("\0"), op]));
  for (const op of last.values()) if (!isLayout(op) && !same(at(doc, op.path), op.value)) return op.path;
  let now = doc;
  for (const op of c.inverse) {
    if (isLayout(op)) continue;
    if (!fits(now, op)) return op.path;
    now = apply(now, [op]).doc;
  }
  return undefined;
}

/** fieldKey names the field that operations edit, undefined unless it is a single one. */
export function fieldKey(ops: readonly Op[]): string | undefined {
  const only = ops.length === 1 ? ops[0] : undefined;
  return only !== undefined && (only.path.length > 2 || !entryAreas.has(only.path[0] as string)) && !isLayout(only) ? only.path.join("\0") : undefined;
}

/** joined adds operations to a step. */
export function joined(c: Change, ops: readonly Op[], inverse: readonly Op[], now: number): Change {
  const key = (op: Op) => op.path.join("\0");
  const later = new Set(ops.map(key));
  const known = new Set(c.ops.map(key));
  const again = ops.every((op) => known.has(key(op)));
  return { ...c, ops: [...c.ops.filter((op) => !later.has(key(op))), ...ops], inverse: again ? c.inverse : [...inverse, ...c.inverse], at: now };
}

/** isSame tells whether an edit that the server tells of is the step that was sent. */
export const isSame = (e: Edit, c: Change): boolean =>
  e.ops.length === c.ops.length && e.ops.every((op, i) => same(op.path, c.ops[i]?.path) && same(op.value, c.ops[i]?.value));

/** meet rebases pending steps on an edit of somebody else's. */
export function meet(pending: readonly Change[], e: Pick<Edit, "ops" | "who">, inverse: readonly Op[], serial: () => number): { pending: Change[]; kept: Kept[] } {
  const kept: Kept[] = [];
  const left = pending.flatMap((c) => {
    const { keep, clashes } = rebase(c.ops, e.ops);
    if (clashes.length === 0) return [c];
    const whole = keep.length === 0 && clashes.length < c.ops.length;
    for (const clash of whole ? clashes.slice(0, 1) : clashes) {
      // Where they took away what mine edits, mine needs it back first, with all that went along.
      const gone = clash.theirs.value === undefined && clash.theirs.path.length < clash.mine.path.length;
      kept.push({ id: serial(), label: c.label, clash, who: e.who, ops: whole ? c.ops : [clash.mine], restore: gone ? [...inverse] : [] });
    }
    return keep.length === 0 ? [] : [{ ...c, ops: keep }];
  });
  return { pending: left, kept };
}

/** whoTouched returns who changed a path last. */
export const whoTouched = (others: readonly Pick<Edit, "ops" | "who">[], path: readonly string[]): string | undefined =>
  others.findLast((e) => e.ops.some((op) => overlaps(op.path, path)))?.who;
