// What the palette offers for a question: things of the flow, commands, flows
// and runs to go to; what was chosen lately comes first.
import { commands } from "../editor/commands/all";
import { type Context, docOf, visit } from "../editor/commands/command";
import { keysText } from "../editor/commands/keymap";
import { readQuery, scoreOf, search } from "../editor/search";
import { type Key, t } from "../words";

/** Elsewhere is something outside the open flow that the app can go to. */
export interface Elsewhere {
  id: string;
  type: "page" | "flow" | "run";
  name: string;
  detail: string;
  run(): void;
}

export type Kind = "node" | "group" | "wire" | "label" | "command" | "page" | "flow" | "run";

/** Entry is a line of the palette. */
export interface Entry {
  id: string;
  kind: Kind;
  name: string;
  detail: string;
  keys: string;
  icon: string;
  run(): void;
}

const kept = "weir.recent";
const most = 12;

/** recentIds returns what was chosen lately, newest first. */
export function recentIds(): string[] {
  try {
    const v: unknown = JSON.parse(localStorage.getItem(kept) ?? "[]");
    return Array.isArray(v) ? v.filter((x): x is string => typeof x === "string") : [];
  } catch {
    return [];
  }
}

/** remember puts a choice first. */
export const remember = (id: string): void => localStorage.setItem(kept, JSON.stringify([id, ...recentIds().filter((x) => x !== id)].slice(0, most)));

const kindKeys: Record<Kind, Key> = {
  node: "tools.isNode", group: "tools.isGroup", wire: "tools.isWire", label: "tools.isNote", command: "tools.isCommand", page: "tools.isPage", flow: "tools.isFlow", run: "tools.isRun",
};

/** kindName names the kind of an entry. */
export const kindName = (kind: Kind): string => t(kindKeys[kind]);

const iconOf: Record<Kind, string> = { node: "square", group: "group", wire: "cable", label: "sticky-note", command: "play", page: "panel-right", flow: "workflow", run: "history" };

function commandEntries(ctx: Context): Entry[] {
  return commands.filter((c) => c.id !== "palette" && c.enabled(ctx)).map((c) => ({
    id: `command:${c.id}`, kind: "command", name: t(c.name), detail: "", keys: c.keys[0] === undefined ? "" : keysText(c.keys[0]), icon: c.icon, run: () => void c.run(ctx),
  }));
}

const elsewhereEntry = (e: Elsewhere): Entry => ({ id: `${e.type}:${e.id}`, kind: e.type, name: e.name, detail: e.detail, keys: "", icon: iconOf[e.type], run: e.run });

/** entriesFor returns what answers a question; without one, what was used lately and all commands. */
export function entriesFor(text: string, ctx: Context, elsewhere: readonly Elsewhere[]): Entry[] {
  const q = readQuery(text.replace(/^>/, ""));
  const onlyCommands = text.startsWith(">");
  const doc = docOf(ctx);
  const found = onlyCommands ? [] : search(doc, q, { stateOf: ctx.deeds.stateOf, problems: ctx.editor.store.getState().problems });
  const here = found.map((f): Entry & { score: number } => ({
    id: `${doc.id}/${f.id}`, kind: f.type, name: f.name, detail: [f.detail, f.why, f.group === "" ? "" : doc.groups?.[f.group]?.name ?? f.group].filter((x) => x !== "").join(" · "), keys: "", icon: iconOf[f.type],
    run: () => visit(ctx, f.id), score: f.score,
  }));
  const late = recentIds();
  const place = (id: string) => (late.includes(id) ? late.indexOf(id) : late.length);
  const others = [...commandEntries(ctx), ...(onlyCommands ? [] : elsewhere.map(elsewhereEntry))];
  if (q.words.length + q.filters.length === 0) return others.map((e, i) => ({ e, i })).sort((a, b) => place(a.e.id) - place(b.e.id) || a.i - b.i).map(({ e }) => e);
  const named = q.filters.length > 0 ? [] : others.flatMap((e) => {
    const points = q.words.map((w) => scoreOf(`${e.name} ${e.kind === "command" ? e.id.slice(8) : e.detail}`, w));
    return points.every((p) => p > 0) ? [{ ...e, score: points.reduce((a, b) => a + b, 0) }] : [];
  });
  return [...here, ...named].sort((a, b) => b.score - a.score || place(a.id) - place(b.id)).slice(0, 80);
}
