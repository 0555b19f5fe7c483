// Commands that change what is there.
import { copyText, duplicate, paste, readText } from "../clipboard";
import { addLabel, move, noteColors, setColor, terminateRest } from "../model/nodes";
import { refOf } from "../model/ports";
import { remove } from "../model/remove";
import type { Point } from "../model/size";
import { unusedOutputs } from "../model/wires";
import { around } from "../model/size";
import { cardsOf, type Command, type Context, docOf, groupHere, nodesOf, one, sceneHere, selected } from "./command";

const some = (ctx: Context) => selected(ctx).length > 0;
const someCards = (ctx: Context) => cardsOf(ctx).length > 0;

/** spotOf returns where new things go: under the pointer, or the middle of what is there. */
export function spotOf(ctx: Context): Point {
  if (ctx.point !== undefined) return ctx.point;
  const area = around(sceneHere(ctx).cards);
  return area === undefined ? [0, 0] : [area.x + area.w / 2, area.y + area.h / 2];
}

/** copied returns the selection as the clipboard's text. */
export const copied = (ctx: Context): string | undefined => copyText(docOf(ctx), cardsOf(ctx), ctx.kinds);

/** pasteText puts what a text holds into the open group, or offers to import a flow; it tells whether it was ours. */
export function pasteText(ctx: Context, text: string): boolean {
  const read = readText(text);
  if (read.type === "flow") ctx.deeds.importText?.(read.text);
  else if (read.type === "clip") ctx.editor.perform("tools.stepPaste", paste(docOf(ctx), read.clip, groupHere(ctx), { centre: spotOf(ctx) }, ctx.kinds));
  else {
    if (read.wrong === undefined) ctx.editor.say("tools.pasteNothing");
    else ctx.editor.say("tools.pasteWrong", { at: read.wrong });
    return false;
  }
  return true;
}

/** cut takes the selection away once it was copied. */
export const cutAway = (ctx: Context): void => ctx.editor.perform("tools.stepCut", remove(docOf(ctx), cardsOf(ctx)));

async function toClipboard(ctx: Context, cut: boolean): Promise<void> {
  const text = copied(ctx);
  if (text === undefined) return;
  try {
    await navigator.clipboard.writeText(text);
    if (cut) cutAway(ctx);
    else ctx.editor.say("tools.copied", { n: cardsOf(ctx).length });
  } catch {
    ctx.editor.say("tools.clipboardClosed");
  }
}

async function fromClipboard(ctx: Context): Promise<void> {
  try {
    pasteText(ctx, await navigator.clipboard.readText());
  } catch {
    ctx.editor.say("tools.clipboardClosed");
  }
}

const nudge = (id: string, name: Command["name"], icon: string, key: string, dx: number, dy: number): Command => ({
  id, name, icon, keys: [key], group: "arrange", enabled: someCards,
  run: (ctx) => {
    const ids = cardsOf(ctx);
    const s = sceneHere(ctx);
    ctx.editor.change("tools.stepMove", move(docOf(ctx), ids, dx, dy, (card) => s.byId.get(card)?.at), `nudge ${ids.join(" ")}`);
  },
});

const notesOf = (ctx: Context) => cardsOf(ctx).filter((id) => refOf(id).type === "label");
const colorWords: Record<(typeof noteColors)[number], Command["name"]> = { amber: "tools.colorAmber", green: "tools.colorGreen", blue: "tools.colorBlue", violet: "tools.colorViolet", red: "tools.colorRed" };

const tinted = (color: string, name: Command["name"]): Command => ({
  id: `color-${color === "" ? "none" : color}`, name, icon: "palette", keys: [], group: "edit", enabled: (ctx) => notesOf(ctx).length > 0,
  run: (ctx) => ctx.editor.change("tools.stepColor", setColor(docOf(ctx), notesOf(ctx), color)),
});

export const editCommands: Command[] = [
  { id: "undo", name: "tools.undo", icon: "undo-2", keys: ["Mod+Z"], group: "edit", enabled: (ctx) => ctx.editor.store.getState().undos.length > 0, run: (ctx) => ctx.editor.undo() },
  { id: "redo", name: "tools.redo", icon: "redo-2", keys: ["Mod+Shift+Z", "Mod+Y"], group: "edit", enabled: (ctx) => ctx.editor.store.getState().redos.length > 0, run: (ctx) => ctx.editor.redo() },
  { id: "cut", name: "tools.cut", icon: "scissors", keys: ["Mod+X"], by: "browser", group: "edit", enabled: someCards, run: (ctx) => toClipboard(ctx, true) },
  { id: "copy", name: "tools.copy", icon: "copy", keys: ["Mod+C"], by: "browser", group: "edit", enabled: someCards, run: (ctx) => toClipboard(ctx, false) },
  { id: "paste", name: "tools.paste", icon: "clipboard-paste", keys: ["Mod+V"], by: "browser", group: "edit", enabled: () => true, run: fromClipboard },
  { id: "duplicate", name: "tools.duplicate", icon: "copy-plus", keys: ["Mod+D"], group: "edit", enabled: someCards,
    run: (ctx) => ctx.editor.perform("tools.stepDuplicate", duplicate(docOf(ctx), cardsOf(ctx), ctx.kinds)) },
  { id: "delete", name: "tools.delete", icon: "trash-2", keys: ["Delete", "Backspace"], group: "edit", enabled: some,
    run: (ctx) => ctx.editor.perform("tools.stepRemove", remove(docOf(ctx), selected(ctx))) },
  { id: "delete-reconnect", name: "tools.deleteReconnect", icon: "unplug", keys: ["Mod+Delete", "Mod+Backspace"], group: "edit", enabled: (ctx) => nodesOf(ctx).length > 0,
    run: (ctx) => ctx.editor.perform("tools.stepReconnect", remove(docOf(ctx), selected(ctx), { reconnect: true }, ctx.kinds)) },
  { id: "rename", name: "tools.rename", icon: "pencil", keys: ["F2"], group: "edit", enabled: (ctx) => ctx.deeds.canvas !== undefined && one(ctx) !== undefined && refOf(one(ctx) as string).type !== "wire",
    run: (ctx) => ctx.deeds.canvas?.("rename") },
  { id: "rename-slug", name: "tools.renameSlug", icon: "tag", keys: ["Shift+F2"], group: "edit", enabled: (ctx) => ctx.deeds.canvas !== undefined && ["node", "group"].includes(refOf(one(ctx) ?? "wire:").type),
    run: (ctx) => ctx.deeds.canvas?.("rename-slug") },
  ...noteColors.map((color) => tinted(color, colorWords[color])),
  tinted("", "tools.colorNone"),
  { id: "end-rest", name: "tools.endRest", icon: "circle-slash", keys: ["Alt+T"], group: "edit",
    enabled: (ctx) => nodesOf(ctx).some((n) => unusedOutputs(docOf(ctx), n, ctx.kinds).length > 0),
    run: (ctx) => ctx.editor.change("tools.stepTerminate", nodesOf(ctx).flatMap((n) => terminateRest(docOf(ctx), n, unusedOutputs(docOf(ctx), n, ctx.kinds)))) },
  { id: "note", name: "tools.note", icon: "sticky-note", keys: ["Shift+N"], group: "edit", enabled: () => true,
    run: (ctx) => ctx.editor.perform("tools.stepLabel", addLabel(docOf(ctx), "", spotOf(ctx), groupHere(ctx))) },
  nudge("nudge-left", "tools.nudgeLeft", "arrow-left", "Alt+ArrowLeft", -8, 0),
  nudge("nudge-right", "tools.nudgeRight", "arrow-right", "Alt+ArrowRight", 8, 0),
  nudge("nudge-up", "tools.nudgeUp", "arrow-up", "Alt+ArrowUp", 0, -8),
  nudge("nudge-down", "tools.nudgeDown", "arrow-down", "Alt+ArrowDown", 0, 8),
];
