// What differs between two flow files, as operations. Structural commands write
// the file they want and leave it to this to say what changed.
import type { FlowDoc, Op } from "../api/wire";
import { isTree, same } from "./ops";

// Objects of these depths have fields of their own; what lies deeper, and values
// of settings, is set as a whole.
const within = (path: readonly string[]): boolean => {
  switch (path[0]) {
    case "layout":
    case "notify":
      return path.length === 1;
    case "parameters":
    case "labels":
    case "groups":
      return path.length <= 2;
    case "services":
      return path.length <= 3;
    case "nodes":
      return path.length <= 3 || path[2] === "inputs";
    case "connections":
      return path.length <= 3;
    default:
      return path.length <= 1;
  }
};

/** diff returns operations that make the second file of the first. */
export function diff(from: FlowDoc, to: FlowDoc): Op[] {
  const ops: Op[] = [];
  const compare = (path: string[], a: unknown, b: unknown) => {
    if (a === b) return;
    const top = path.length <= 1;
    const at = isTree(a) ? a : {};
    const bt = isTree(b) ? b : {};
    const both = isTree(a) && isTree(b);
    const empty = Object.keys(at).length === 0 || Object.keys(bt).length === 0;
    const entries = path.length === 1 && entryAreas.has(path[0] as string);
    if ((both && within(path) && (top || !empty)) || (entries && (isTree(a) || isTree(b)))) {
      for (const key of Object.keys(at)) {
        if (Object.hasOwn(bt, key)) continue;
        if (path.length === 0 && entryAreas.has(key)) compare([key], at[key], undefined);
        else ops.push({ path: [...path, key], was: at[key] });
      }
      for (const key of Object.keys(bt)) {
        const p = [...path, key];
        if (!Object.hasOwn(at, key) && !(path.length === 0 && entryAreas.has(key))) ops.push({ path: p, value: bt[key] });
        else compare(p, at[key], bt[key]);
      }
    } else if (!same(a, b)) ops.push(b === undefined ? { path, was: a } : { path, value: b, was: a });
  };
  compare([], from, to);
  return ops;
}

const entryAreas = new Set(["nodes", "connections", "groups", "labels", "layout", "services", "parameters"]);
