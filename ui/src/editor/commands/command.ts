// A command is what a key, a menu and the palette do: one object each.
import type { Switch } from "../../api/flows";
import type { KindMap } from "../../api/kinds";
import type { NodeState } from "../../api/wire";
import type { Place } from "../../lib/place";
import type { Key } from "../../words";
import { groupOf, refOf } from "../model/ports";
import { scene, type Card, type Scene } from "../model/scene";
import type { Point } from "../model/size";
import type { Editor } from "../store";

/** Deeds are what the app does for commands; one that it does not give leaves its commands disabled. */
export interface Deeds {
  /** canvas asks the canvas for something of its own. */
  canvas(verb: "add" | "wire" | "fit" | "zoom-in" | "zoom-out" | "lens" | "rename" | "rename-slug"): void;
  /** reveal brings a card into view. */
  reveal(id: string): void;
  /** show opens a panel over or beside the canvas. */
  show(what: "palette" | "keys" | "outline"): void;
  nodes(verb: "start" | "stop" | "enable" | "disable" | "once" | "verify" | "clear-state", nodes: string[]): void;
  flow(verb: "start" | "stop" | "publish" | "run" | "export" | "import" | "duplicate" | "delete" | Switch): void;
  /** importText offers to import a flow file that was pasted. */
  importText(text: string): void;
  navigate(path: string): void;
  theme(): void;
  language(): void;
  /** stateOf returns a node's live state. */
  stateOf(node: string): NodeState | undefined;
  /** schedule tells whether the schedule in force makes runs, and whether they wait; undefined where there is none. */
  schedule(): { enabled?: boolean; paused?: boolean } | undefined;
}

/** Context is what commands work on. */
export interface Context {
  editor: Editor;
  kinds: KindMap;
  place: Place;
  go: (change: Partial<Place>, options?: { replace?: boolean }) => void;
  /** point is where on the flow the pointer is, for what is pasted or added. */
  point?: Point | undefined;
  deeds: Partial<Deeds>;
}

export type CommandGroup = "edit" | "select" | "arrange" | "group" | "canvas" | "run" | "view";

/** Command is one verb. Its keys are chords: "Mod+Shift+Z", "Alt+A L". */
export interface Command {
  id: string;
  name: Key;
  /** icon is the name of a lucide icon. */
  icon: string;
  keys: readonly string[];
  group: CommandGroup;
  /** by says who hears the keys: the keymap, the browser's own clipboard, or the canvas that has the focus. */
  by?: "browser" | "canvas";
  enabled(ctx: Context): boolean;
  run(ctx: Context): void | Promise<void>;
}

/** docOf returns the flow as it is edited. */
export const docOf = (ctx: Context) => ctx.editor.store.getState().doc;

/** selected returns the ids that are selected. */
export const selected = (ctx: Context): string[] => [...ctx.editor.store.getState().selection];

/** cardsOf returns the selected cards' ids, wires left out. */
export const cardsOf = (ctx: Context): string[] => selected(ctx).filter((id) => refOf(id).type !== "wire");

/** nodesOf returns the selected nodes' slugs. */
export const nodesOf = (ctx: Context): string[] => selected(ctx).filter((id) => refOf(id).type === "node");

/** groupHere returns the open group, "" where the URL names one that is gone. */
export const groupHere = (ctx: Context): string => (docOf(ctx).groups?.[ctx.place.group] === undefined ? "" : ctx.place.group);

/** sceneHere returns what the open group shows. */
export const sceneHere = (ctx: Context): Scene => scene(docOf(ctx), groupHere(ctx), ctx.kinds);

/** selectedCards returns the selected cards of the open group. */
export function selectedCards(ctx: Context): Card[] {
  const ids = new Set(cardsOf(ctx));
  return ids.size === 0 ? [] : sceneHere(ctx).cards.filter((c) => ids.has(c.id));
}

/** one returns the only selected card's or wire's id, undefined for none or several. */
export const one = (ctx: Context): string | undefined => {
  const ids = selected(ctx);
  return ids.length === 1 ? ids[0] : undefined;
};

/** visit shows where a card is: its group, itself selected and in view. */
export function visit(ctx: Pick<Context, "editor" | "go" | "deeds">, id: string): void {
  const doc = ctx.editor.store.getState().doc;
  const { type, slug } = refOf(id);
  const group = type === "wire" ? groupOf(doc, doc.connections?.[slug]?.from ?? "") : groupOf(doc, id);
  ctx.go({ group, open: id });
  ctx.editor.select([id]);
  ctx.deeds.reveal?.(id);
}
