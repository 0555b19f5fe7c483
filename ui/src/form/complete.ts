// Completion in texts that may hold ${expressions} and #{parameters}.
import type { Completion, Offer } from "../ds/ComboInput";
import { functions } from "./functions";

/** Known are the names that a text may use. */
export interface Known {
  attributes: readonly Offer[];
  parameters: readonly Offer[];
}

const fits = (o: Offer, typed: string) => o.value.toLowerCase().includes(typed.toLowerCase());
const best = (offers: readonly Offer[], typed: string) =>
  offers.filter((o) => fits(o, typed)).toSorted((a, b) => Number(b.value.toLowerCase().startsWith(typed.toLowerCase())) - Number(a.value.toLowerCase().startsWith(typed.toLowerCase()))).slice(0, 60);

/** complete returns what could stand at the caret, undefined where nothing is asked for. */
export function complete(text: string, caret: number, known: Known, expressions: boolean): Completion | undefined {
  const before = text.slice(0, caret);
  const open = Math.max(before.lastIndexOf("#{"), expressions ? before.lastIndexOf("${") : -1);
  if (open < 0 || before.slice(open).includes("}")) return undefined;
  const inside = before.slice(open + 2);
  const close = text.slice(caret).startsWith("}") ? undefined : "}";
  if (before[open] === "#") {
    if (!/^[\w.-]*$/.test(inside)) return undefined;
    return { from: open + 2, to: caret, offers: best(known.parameters, inside), after: close };
  }
  const called = /:([A-Za-z0-9]*)$/.exec(inside);
  if (called !== null) {
    const typed = called[1] ?? "";
    return { from: caret - typed.length, to: caret, offers: best(functions.filter((f) => !f.alone).map(asOffer), typed) };
  }
  if (/['"]/.test(inside) || !/^[^:()]*$/.test(inside)) return undefined;
  const alone = inside === "" ? [] : functions.filter((f) => f.alone).map(asOffer);
  return { from: open + 2, to: caret, offers: [...best(known.attributes, inside), ...best(alone, inside)], after: inside.includes("(") ? undefined : close };
}

const asOffer = (f: { name: string; least: number; most: number }): Offer => ({
  value: `${f.name}(${f.least > 0 ? "" : ")"}`, label: f.name, detail: f.most === 0 ? "()" : `(${"…"})`,
});

/** runAttributes are those of the run, which every text of a dated flow may use. */
export const runAttributes = ["run.id", "run.flow", "run.slot", "run.date", "run.start", "run.end", "run.zone", "run.generation", "run.kind"] as const;

/** fileAttributes are those that FlowFiles commonly have, and the facts that every one has. */
export const fileAttributes = ["filename", "path", "mime.type", "record.schema", "fileSize", "record.count", "flowFileId", "lineageStartDate"] as const;
