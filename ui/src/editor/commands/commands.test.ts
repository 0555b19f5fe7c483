import { expect, test, vi } from "vitest";
import type { Place } from "../../lib/place";
import { allWords } from "../../words";
import { openEditor } from "../store";
import { kinds, sample } from "../testing/flow";
import { TestServer } from "../testing/server";
import { commandOf, commands } from "./all";
import type { Context, Deeds } from "./command";
import { copied, pasteText } from "./edit";
import { chordOf, conflicts, Keymap, keysText, type Press } from "./keymap";

const press = (key: string, more: Partial<Press> = {}): Press => ({ key, code: key.length === 1 && /[a-z]/i.test(key) ? `Key${key.toUpperCase()}` : key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

function context(deeds: Partial<Deeds> = {}, group = ""): Context {
  const server = new TestServer(sample());
  const place: Place = { group, run: "", open: "", tab: "", drawer: "", wire: "", item: "" };
  return { editor: openEditor(server.draft(), server.save("ann"), "ann"), kinds, place, go: (change) => Object.assign(place, change), deeds };
}
const doc = (ctx: Context) => ctx.editor.store.getState().doc;

test("no two commands want the same keys, ids are unique, all are named in both languages", () => {
  expect(conflicts(commands)).toEqual([]);
  expect(new Set(commands.map((c) => c.id)).size).toBe(commands.length);
  for (const c of commands) expect(allWords[c.name]?.filter((w) => w !== "")).toHaveLength(2);
  expect(conflicts([{ id: "a", keys: ["Alt+A"] }, { id: "b", keys: ["Alt+A L"] }])).toHaveLength(1);
  expect(conflicts([{ id: "a", keys: ["Shift+Mod+Z"] }, { id: "b", keys: ["Mod+Shift+Z"] }])).toHaveLength(1);
});

test("keys of a browser's own tabs and windows are left alone", () => {
  const own = ["Mod+T", "Mod+W", "Mod+N", "Mod+L", "Mod+R", "Mod+Shift+T", "Mod+Shift+N", "Mod+Shift+I", "Mod+0", "F5"];
  expect(commands.flatMap((c) => c.keys).filter((k) => own.includes(k))).toEqual([]);
});

test("chords are named by platform, by place in other scripts, and signs without Shift", () => {
  expect(chordOf(press("z", { ctrlKey: true, shiftKey: true }), false)).toBe("Mod+Shift+Z");
  expect(chordOf(press("z", { metaKey: true }), true)).toBe("Mod+Z");
  expect(chordOf(press("z", { ctrlKey: true }), true)).toBe("Other+Z");
  expect(chordOf(press("å", { altKey: true, code: "KeyA" }), true)).toBe("Alt+A");
  expect(chordOf(press("ㅁ", { code: "KeyA", ctrlKey: true }), false)).toBe("Mod+A");
  expect(chordOf(press("?", { shiftKey: true, code: "Slash" }), false)).toBe("?");
  expect(chordOf(press("Shift", { shiftKey: true }), false)).toBeUndefined();
  expect(keysText("Mod+Shift+Z", true)).toBe("⌘⇧Z");
  expect(keysText("Alt+A L", false)).toBe("Alt+A L");
});

test("a chord needs its second key in time, with or without the first one's modifier held", () => {
  const map = new Keymap(commands.filter((c) => c.by === undefined));
  const alt = press("a", { altKey: true });
  expect(map.press(alt, 0, false)).toBe("begun");
  expect(map.press(press("l"), 100, false)).toMatchObject({ id: "align-left" });
  expect(map.press(alt, 200, false)).toBe("begun");
  expect(map.press(press("r", { altKey: true }), 300, false)).toMatchObject({ id: "align-right" });
  expect(map.press(alt, 400, false)).toBe("begun");
  expect(map.press(press("l"), 5000, false)).toBeUndefined();
  expect(map.press(press("z", { ctrlKey: true }), 6000, false)).toMatchObject({ id: "undo" });
});

test("commands do what they say, and each is one step of undo", async () => {
  const ctx = context();
  const run = async (id: string, ...ids: string[]) => {
    ctx.editor.select(ids);
    expect(commandOf(id).enabled(ctx), id).toBe(true);
    await commandOf(id).run(ctx);
  };
  await run("duplicate", "csv");
  expect(doc(ctx).nodes["csv-2"]).toBeDefined();
  await run("delete-reconnect", "clean");
  expect(doc(ctx).connections?.["events-clean"]?.to).toBe("join");
  await run("align-left", "users", "csv", "join");
  expect(doc(ctx).layout?.["csv"]?.[0]).toBe(0);
  await run("nudge-down", "csv");
  await run("nudge-down", "csv");
  expect(doc(ctx).layout?.["csv"]?.[1]).toBe(96);
  await run("group", "join", "csv");
  expect(Object.keys(doc(ctx).groups ?? {})).toEqual(["group"]);
  await run("enter-group", "group:group");
  expect(ctx.place.group).toBe("group");
  await run("move-out", "csv");
  expect(doc(ctx).nodes["csv"]?.group).toBeUndefined();
  await run("leave-group");
  expect(ctx.place.group).toBe("");
  await run("ungroup", "group:group");
  await run("end-rest", "users");
  expect(doc(ctx).nodes["users"]?.terminate).toEqual(["failure"]);
  await run("tidy");
  await run("note");
  expect(ctx.editor.store.getState().undos).toHaveLength(10);
  for (let i = 0; i < 10; i++) await run("undo");
  expect(doc(ctx)).toEqual(sample());
  await ctx.editor.idle();
});

test("selecting follows the wires", async () => {
  const ctx = context();
  ctx.editor.select(["clean"]);
  await commandOf("select-down").run(ctx);
  expect([...ctx.editor.store.getState().selection]).toEqual(["clean", "join", "csv"]);
  ctx.editor.select(["join"]);
  await commandOf("select-up").run(ctx);
  expect(ctx.editor.store.getState().selection.size).toBe(4);
  await commandOf("select-all").run(ctx);
  expect(ctx.editor.store.getState().selection.size).toBe(6);
});

test("what the app does not offer is disabled; nodes are started where they stand, stopped where they run", async () => {
  const bare = context();
  for (const id of ["start-stop", "publish", "palette", "home", "fit"]) expect(commandOf(id).enabled(bare), id).toBe(false);
  const nodes = vi.fn();
  const ctx = context({ nodes, stateOf: (n) => (n === "csv" ? 1 : 0) });
  ctx.editor.change("mode", [{ path: ["mode"], value: "continuous" }]);
  ctx.editor.select(["users"]);
  await commandOf("start-stop").run(ctx);
  ctx.editor.select(["users", "csv"]);
  await commandOf("start-stop").run(ctx);
  expect(nodes.mock.calls).toEqual([["start", ["users"]], ["stop", ["users", "csv"]]]);
});

test("pasted text is cards here, a flow to import, or nothing", () => {
  const importText = vi.fn();
  const ctx = context({ importText });
  ctx.editor.select(["csv"]);
  const text = copied(ctx) as string;
  expect(pasteText({ ...ctx, point: [1000, 1000] }, text)).toBe(true);
  expect(doc(ctx).layout?.["csv-2"]).toEqual([896, 952]);
  expect(pasteText(ctx, JSON.stringify(sample()))).toBe(true);
  expect(importText).toHaveBeenCalledTimes(1);
  expect(pasteText(ctx, "hello")).toBe(false);
});

test("a schedule is turned on where it is off, and paused only while it makes runs", () => {
  const can = (schedule?: { enabled: boolean; paused: boolean }) => {
    const ctx = context({ flow: () => {}, schedule: () => schedule });
    return ["schedule-on", "schedule-off", "schedule-pause", "schedule-go-on"].filter((id) => commandOf(id)?.enabled(ctx));
  };
  expect(can()).toEqual([]);
  expect(can({ enabled: false, paused: false })).toEqual(["schedule-on"]);
  expect(can({ enabled: true, paused: false })).toEqual(["schedule-off", "schedule-pause"]);
  expect(can({ enabled: true, paused: true })).toEqual(["schedule-off", "schedule-go-on"]);
});
