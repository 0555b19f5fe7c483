// Commands that the app carries out: on the canvas, on nodes, on the flow.
import { refOf } from "../model/ports";
import { type Command, type Context, type Deeds, docOf, nodesOf, one } from "./command";

type Verb<F extends keyof Deeds> = Parameters<Deeds[F]>[0];

const onCanvas = (verb: Verb<"canvas">, id: string, name: Command["name"], icon: string, key: string): Command => ({
  id, name, icon, keys: [key], group: "canvas", ...(["add", "wire", "lens"].includes(verb) && { by: "canvas" as const }),
  enabled: (ctx) => ctx.deeds.canvas !== undefined, run: (ctx) => ctx.deeds.canvas?.(verb),
});

const continuous = (ctx: Context) => docOf(ctx).mode === "continuous";

const onNodes = (verb: Verb<"nodes">, id: string, name: Command["name"], icon: string, keys: string[], any = false): Command => ({
  id, name, icon, keys, group: "run", enabled: (ctx) => ctx.deeds.nodes !== undefined && nodesOf(ctx).length > 0 && (any || continuous(ctx)),
  run: (ctx) => ctx.deeds.nodes?.(verb, nodesOf(ctx)),
});

const onFlow = (verb: Verb<"flow">, id: string, name: Command["name"], icon: string, keys: string[], fits: (ctx: Context) => boolean = () => true): Command => ({
  id, name, icon, keys, group: "run", enabled: (ctx) => ctx.deeds.flow !== undefined && fits(ctx), run: (ctx) => ctx.deeds.flow?.(verb),
});

const drawer = (id: string, name: Command["name"], icon: string, key: string): Command => ({
  id: `show-${id}`, name, icon, keys: [key], group: "view", enabled: () => true, run: (ctx) => ctx.go({ drawer: ctx.place.drawer === id ? "" : id }),
});

const page = (id: string, name: Command["name"], icon: string, key: string): Command => ({
  id: `page-${id === "" ? "canvas" : id}`, name, icon, keys: [key], group: "view", enabled: (ctx) => ctx.deeds.navigate !== undefined,
  run: (ctx) => ctx.deeds.navigate?.(`/flows/${encodeURIComponent(docOf(ctx).id)}${id === "" ? "" : `/${id}`}`),
});

const show = (what: Verb<"show">, name: Command["name"], icon: string, keys: string[]): Command => ({
  id: what, name, icon, keys, group: "view", enabled: (ctx) => ctx.deeds.show !== undefined, run: (ctx) => ctx.deeds.show?.(what),
});

const wireOf = (ctx: Context): string | undefined => {
  const id = one(ctx);
  return id !== undefined && refOf(id).type === "wire" ? refOf(id).slug : undefined;
};

/** Live states in which a node works or is about to. */
const going = new Set([1, 4, 6]);

export const runCommands: Command[] = [
  onCanvas("add", "add", "tools.add", "plus", "/"),
  onCanvas("wire", "wire", "tools.wire", "spline", "C"),
  onCanvas("lens", "lens", "tools.lens", "gauge", "P"),
  onCanvas("fit", "fit", "tools.fit", "maximize", "F"),
  onCanvas("zoom-in", "zoom-in", "tools.zoomIn", "zoom-in", "+"),
  onCanvas("zoom-out", "zoom-out", "tools.zoomOut", "zoom-out", "-"),
  { id: "open", name: "tools.open", icon: "panel-right", keys: ["Enter"], by: "canvas", group: "canvas", enabled: (ctx) => one(ctx) !== undefined, run: (ctx) => ctx.go({ open: one(ctx) ?? "" }) },
  { id: "queue", name: "tools.queue", icon: "list", keys: ["Q"], group: "canvas", enabled: (ctx) => wireOf(ctx) !== undefined,
    run: (ctx) => ctx.go({ drawer: "queue", wire: wireOf(ctx) ?? "", item: "" }) },
  { id: "start-stop", name: "tools.startStop", icon: "play", keys: ["Space"], group: "run", enabled: (ctx) => ctx.deeds.nodes !== undefined && nodesOf(ctx).length > 0 && continuous(ctx),
    run: (ctx) => {
      const nodes = nodesOf(ctx);
      const on = nodes.some((n) => going.has(ctx.deeds.stateOf?.(n) ?? 0));
      ctx.deeds.nodes?.(on ? "stop" : "start", nodes);
    } },
  onNodes("start", "start", "tools.start", "play", []),
  onNodes("stop", "stop", "tools.stop", "square", []),
  onNodes("once", "once", "tools.once", "step-forward", ["Shift+Space"]),
  onNodes("enable", "enable", "tools.enable", "toggle-right", ["Alt+E"]),
  onNodes("disable", "disable", "tools.disable", "toggle-left", ["Alt+D"]),
  onNodes("verify", "verify", "tools.verify", "badge-check", ["Alt+V"], true),
  onNodes("clear-state", "clear-state", "tools.clearState", "eraser", []),
  onFlow("publish", "publish", "tools.publish", "upload", ["Mod+S"]),
  onFlow("start", "flow-start", "tools.flowStart", "play", [], continuous),
  onFlow("stop", "flow-stop", "tools.flowStop", "square", [], continuous),
  onFlow("run", "flow-run", "tools.flowRun", "calendar-clock", ["Shift+R"], (ctx) => !continuous(ctx)),
  onFlow("enable", "schedule-on", "app.enable", "toggle-right", [], (ctx) => ctx.deeds.schedule?.()?.enabled === false),
  onFlow("disable", "schedule-off", "app.disable", "toggle-left", [], (ctx) => ctx.deeds.schedule?.()?.enabled === true),
  onFlow("pause", "schedule-pause", "app.pause", "square", [], (ctx) => ctx.deeds.schedule?.()?.enabled === true && ctx.deeds.schedule()?.paused === false),
  onFlow("unpause", "schedule-go-on", "app.unpause", "play", [], (ctx) => ctx.deeds.schedule?.()?.paused === true),
  onFlow("export", "export", "tools.export", "download", ["Mod+Shift+E"]),
  onFlow("import", "import", "tools.import", "file-up", []),
  onFlow("duplicate", "flow-duplicate", "tools.flowDuplicate", "copy-plus", []),
  onFlow("delete", "flow-delete", "tools.flowDelete", "trash-2", []),
  show("palette", "tools.palette", "search", ["Mod+K"]),
  show("keys", "tools.keys", "keyboard", ["?"]),
  show("outline", "tools.outline", "list-tree", ["Shift+O"]),
  drawer("runs", "tools.showRuns", "history", "G R"),
  drawer("queue", "tools.showQueue", "list", "G Q"),
  drawer("parked", "tools.showParked", "circle-parking", "G K"),
  drawer("bulletins", "tools.showBulletins", "bell", "G B"),
  drawer("logs", "tools.showLogs", "scroll-text", "G L"),
  drawer("problems", "tools.showProblems", "triangle-alert", "G P"),
  page("", "tools.pageCanvas", "workflow", "G C"),
  page("parameters", "tools.pageParameters", "sliders-horizontal", "G M"),
  page("services", "tools.pageServices", "plug", "G S"),
  page("versions", "tools.pageVersions", "git-commit-horizontal", "G V"),
  { id: "home", name: "tools.home", icon: "house", keys: ["G H"], group: "view", enabled: (ctx) => ctx.deeds.navigate !== undefined, run: (ctx) => ctx.deeds.navigate?.("/") },
  { id: "theme", name: "tools.theme", icon: "sun-moon", keys: [], group: "view", enabled: (ctx) => ctx.deeds.theme !== undefined, run: (ctx) => ctx.deeds.theme?.() },
  { id: "language", name: "tools.language", icon: "languages", keys: [], group: "view", enabled: (ctx) => ctx.deeds.language !== undefined, run: (ctx) => ctx.deeds.language?.() },
];
