// Commands that line up, tidy, group, and choose what is selected.
import { align, distribute, type Edge, type Places, snapAll } from "../model/align";
import { canMoveTo, groupable, makeGroup, moveTo, ungroup } from "../model/groups";
import { placeAll } from "../model/nodes";
import { groupId, groupOf, refOf, wireId } from "../model/ports";
import { jobOf, tidy } from "../tidy/tidy";
import { cardsOf, type Command, type Context, docOf, groupHere, one, sceneHere, selectedCards } from "./command";

const least = (n: number) => (ctx: Context) => cardsOf(ctx).length >= n;
const put = (ctx: Context, label: string, places: Places) => ctx.editor.change(label, placeAll(docOf(ctx), places));

const aligned = (edge: Edge, name: Command["name"], icon: string, key: string): Command => ({
  id: `align-${edge}`, name, icon, keys: [`Alt+A ${key}`], group: "arrange", enabled: least(2),
  run: (ctx) => put(ctx, "tools.stepAlign", align(selectedCards(ctx), edge)),
});

const spread = (axis: "h" | "v", name: Command["name"], icon: string, key: string): Command => ({
  id: `distribute-${axis}`, name, icon, keys: [`Alt+A ${key}`], group: "arrange", enabled: least(3),
  run: (ctx) => put(ctx, "tools.stepDistribute", distribute(selectedCards(ctx), axis)),
});

let tidying: AbortController | undefined;

async function tidyUp(ctx: Context): Promise<void> {
  tidying?.abort();
  const mine = new AbortController();
  tidying = mine;
  ctx.editor.say("tools.tidying");
  try {
    const job = jobOf(sceneHere(ctx), ctx.editor.store.getState().selection);
    const places = await tidy(job, mine.signal);
    put(ctx, "tools.stepTidy", places);
    ctx.editor.say("tools.tidied", { n: places.length });
  } catch (e) {
    ctx.editor.say(e instanceof DOMException && e.name === "AbortError" ? "tools.tidyCancelled" : "tools.tidyFailed");
  } finally {
    if (tidying === mine) tidying = undefined;
  }
}

/** flowing adds to the selected cards all that feed them, or that they feed. */
function flowing(ctx: Context, up: boolean, down: boolean): void {
  const { wires } = sceneHere(ctx);
  const found = new Set(cardsOf(ctx));
  for (const id of found) {
    for (const w of wires) {
      if (down && w.from === id) found.add(w.to);
      if (up && w.to === id) found.add(w.from);
    }
  }
  ctx.editor.select(found);
}

const parentOf = (ctx: Context): string => (groupHere(ctx) === "" ? "" : groupOf(docOf(ctx), groupId(groupHere(ctx))));
const oneGroup = (ctx: Context): string | undefined => {
  const id = one(ctx);
  return id !== undefined && refOf(id).type === "group" ? id : undefined;
};

export const arrangeCommands: Command[] = [
  aligned("left", "tools.alignLeft", "align-start-vertical", "L"),
  aligned("right", "tools.alignRight", "align-end-vertical", "R"),
  aligned("top", "tools.alignTop", "align-start-horizontal", "T"),
  aligned("bottom", "tools.alignBottom", "align-end-horizontal", "B"),
  aligned("centre", "tools.alignCentre", "align-center-vertical", "C"),
  aligned("middle", "tools.alignMiddle", "align-center-horizontal", "M"),
  spread("h", "tools.distributeH", "align-horizontal-space-between", "H"),
  spread("v", "tools.distributeV", "align-vertical-space-between", "V"),
  { id: "snap", name: "tools.snap", icon: "grid-3x3", keys: ["Alt+A G"], group: "arrange", enabled: least(1), run: (ctx) => put(ctx, "tools.stepSnap", snapAll(selectedCards(ctx))) },
  { id: "tidy", name: "tools.tidy", icon: "network", keys: ["Alt+L"], group: "arrange", enabled: (ctx) => Object.keys(docOf(ctx).nodes).length > 1, run: tidyUp },
  { id: "tidy-cancel", name: "tools.tidyCancel", icon: "x", keys: ["Alt+Shift+L"], group: "arrange", enabled: () => tidying !== undefined, run: () => tidying?.abort() },
  { id: "select-all", name: "tools.selectAll", icon: "box-select", keys: ["Mod+A"], group: "select", enabled: () => true, run: (ctx) => ctx.editor.select(sceneHere(ctx).cards.map((c) => c.id)) },
  { id: "select-none", name: "tools.selectNone", icon: "square-dashed", keys: ["Escape"], by: "canvas", group: "select", enabled: least(1), run: (ctx) => ctx.editor.select([]) },
  { id: "select-up", name: "tools.selectUp", icon: "arrow-left-to-line", keys: ["Alt+S U"], group: "select", enabled: least(1), run: (ctx) => flowing(ctx, true, false) },
  { id: "select-down", name: "tools.selectDown", icon: "arrow-right-to-line", keys: ["Alt+S D"], group: "select", enabled: least(1), run: (ctx) => flowing(ctx, false, true) },
  { id: "select-connected", name: "tools.selectConnected", icon: "waypoints", keys: ["Alt+S C"], group: "select", enabled: least(1), run: (ctx) => flowing(ctx, true, true) },
  { id: "select-wires", name: "tools.selectWires", icon: "cable", keys: ["Alt+S W"], group: "select", enabled: least(1),
    run: (ctx) => {
      const ids = new Set(cardsOf(ctx));
      ctx.editor.select(sceneHere(ctx).wires.filter((w) => ids.has(w.from) || ids.has(w.to)).map((w) => wireId(w.slug)));
    } },
  { id: "group", name: "tools.group", icon: "group", keys: ["Mod+G"], group: "group", enabled: (ctx) => groupable(docOf(ctx), cardsOf(ctx)).length > 0,
    run: (ctx) => ctx.editor.perform("tools.stepGroup", makeGroup(docOf(ctx), cardsOf(ctx), ctx.kinds)) },
  { id: "ungroup", name: "tools.ungroup", icon: "ungroup", keys: ["Mod+Shift+G"], group: "group", enabled: (ctx) => oneGroup(ctx) !== undefined,
    run: (ctx) => ctx.editor.perform("tools.stepUngroup", ungroup(docOf(ctx), oneGroup(ctx) ?? "", ctx.kinds)) },
  { id: "move-out", name: "tools.moveOut", icon: "folder-output", keys: ["Alt+G O"], group: "group",
    enabled: (ctx) => groupHere(ctx) !== "" && canMoveTo(docOf(ctx), cardsOf(ctx), parentOf(ctx)),
    run: (ctx) => {
      const ids = cardsOf(ctx);
      ctx.editor.perform("tools.stepMoveTo", moveTo(docOf(ctx), ids, parentOf(ctx), ctx.kinds));
    } },
  { id: "enter-group", name: "tools.enterGroup", icon: "folder-open", keys: ["Mod+ArrowDown"], group: "group", enabled: (ctx) => oneGroup(ctx) !== undefined,
    run: (ctx) => {
      ctx.go({ group: refOf(oneGroup(ctx) ?? "").slug, open: "" });
      ctx.editor.select([]);
    } },
  { id: "leave-group", name: "tools.leaveGroup", icon: "folder-up", keys: ["Mod+ArrowUp"], group: "group", enabled: (ctx) => groupHere(ctx) !== "",
    run: (ctx) => {
      const was = groupId(groupHere(ctx));
      ctx.go({ group: parentOf(ctx), open: "" });
      ctx.editor.select([was]);
    } },
];
