import { afterEach, expect, test, vi } from "vitest";
import { Failure } from "../api/client";
import type { Op } from "../api/wire";
import { setName, setNode, setSetting } from "./model/nodes";
import { remove } from "./model/remove";
import { type Editor, openEditor } from "./store";
import { allWords } from "../words";
import { sample } from "./testing/flow";
import { TestServer } from "./testing/server";

afterEach(() => vi.useRealTimers());

function open(server: TestServer, who: string, listens = true): Editor {
  let time = 0;
  const editor = openEditor(server.draft(), server.save(who), who, { load: () => Promise.resolve(server.draft()), now: () => (time += 10_000), retryAfter: 1 });
  if (listens) server.hearers.add((e) => editor.receive(e));
  return editor;
}

const docOf = (e: Editor) => e.store.getState().doc;
const name = (node: string, value: string): Op[] => [{ path: ["nodes", node, "name"], value }];

async function settled(...editors: Editor[]) {
  for (let i = 0; i < 5; i++) for (const e of editors) await e.idle();
}

test("two editors at once end with the same flow, and lose nothing", async () => {
  const server = new TestServer(sample());
  const ann = open(server, "ann");
  const bob = open(server, "bob");
  ann.change("a", name("csv", "Ann's"));
  bob.change("b", setSetting(docOf(bob), "csv", "path", "bob.csv"));
  bob.change("c", name("clean", "Bob's"));
  ann.change("d", [{ path: ["layout", "csv"], value: [5, 5] }]);
  bob.change("e", [{ path: ["layout", "csv"], value: [6, 6] }]);
  await settled(ann, bob);
  expect(docOf(ann)).toEqual(server.doc);
  expect(docOf(bob)).toEqual(server.doc);
  expect(server.doc.nodes["csv"]).toMatchObject({ name: "Ann's", settings: { path: "bob.csv" } });
  expect(server.doc.nodes["clean"]?.name).toBe("Bob's");
  expect([...ann.store.getState().kept, ...bob.store.getState().kept]).toEqual([]);
  expect(server.log).toHaveLength(5);
});

test("the same field, changed by two: the later one is kept and can still win", async () => {
  const server = new TestServer(sample());
  const ann = open(server, "ann");
  const bob = open(server, "bob", false);
  ann.change("rename", name("csv", "Ann's"));
  await settled(ann);
  bob.change("rename", name("csv", "Bob's"));
  await settled(bob);
  expect(server.doc.nodes["csv"]?.name).toBe("Ann's");
  expect(docOf(bob).nodes["csv"]?.name).toBe("Ann's");
  const [kept] = bob.store.getState().kept;
  expect(kept).toMatchObject({ who: "ann", label: "rename" });
  expect(bob.store.getState().notice?.key).toBe("tools.keptOne");
  if (kept !== undefined) bob.settle(kept, true);
  await settled(bob);
  expect(server.doc.nodes["csv"]?.name).toBe("Bob's");
  expect(bob.store.getState().kept).toEqual([]);
});

test("an edit of what somebody deleted is kept, and taking it brings all back", async () => {
  const server = new TestServer(sample());
  const ann = open(server, "ann");
  const bob = open(server, "bob", false);
  ann.perform("delete", remove(docOf(ann), ["clean"]));
  await settled(ann);
  bob.change("rename", name("clean", "Cleaner"));
  await settled(bob);
  expect(docOf(bob).nodes["clean"]).toBeUndefined();
  const [kept] = bob.store.getState().kept;
  expect(kept).toBeDefined();
  if (kept !== undefined) bob.settle(kept, true);
  await settled(bob);
  const want = sample();
  expect(server.doc).toEqual({ ...want, nodes: { ...want.nodes, clean: { ...want.nodes["clean"], name: "Cleaner" } } });
});

test("undo takes back my last step after others edited elsewhere, and is refused where they changed the same", async () => {
  const server = new TestServer(sample());
  const ann = open(server, "ann");
  const bob = open(server, "bob");
  ann.change("rename", name("csv", "Ann's"));
  ann.change("describe", setNode(docOf(ann), "csv", { doc: "Words." }));
  await settled(ann, bob);
  bob.change("rename", name("csv", "Bob's"));
  await settled(ann, bob);
  ann.undo();
  expect(docOf(ann).nodes["csv"]?.doc).toBeUndefined();
  ann.undo();
  expect(docOf(ann).nodes["csv"]?.name).toBe("Bob's");
  expect(ann.store.getState().notice).toMatchObject({ key: "tools.undoStale", values: { label: "rename", who: "bob" } });
  ann.redo();
  await settled(ann, bob);
  expect(server.doc.nodes["csv"]).toMatchObject({ name: "Bob's", doc: "Words." });
  expect(docOf(bob)).toEqual(server.doc);
});

test("undo does not make half a node of one that somebody deleted", async () => {
  const server = new TestServer(sample());
  const ann = open(server, "ann");
  const bob = open(server, "bob");
  ann.change("rename", setName(docOf(ann), "users", ""));
  ann.change("move", [{ path: ["layout", "users"], value: [9, 9] }]);
  await settled(ann, bob);
  bob.perform("delete", remove(docOf(bob), ["users"]));
  await settled(ann, bob);
  ann.undo();
  ann.undo();
  await settled(ann, bob);
  expect(server.doc.nodes["users"]).toBeUndefined();
  expect(server.doc.layout?.["users"]).toBeUndefined();
});

test("all steps are undone and redone to the letter", async () => {
  const server = new TestServer(sample());
  const ann = open(server, "ann");
  ann.perform("delete", remove(docOf(ann), ["clean", "wire:users-join", "label:note"]));
  ann.change("rename", name("csv", "x"));
  ann.change("set", setSetting(docOf(ann), "csv", "path", undefined));
  const end = docOf(ann);
  for (let i = 0; i < 4; i++) ann.undo();
  expect(docOf(ann)).toEqual(sample());
  expect(ann.store.getState().notice?.key).toBe("tools.undoNothing");
  for (let i = 0; i < 3; i++) ann.redo();
  expect(docOf(ann)).toEqual(end);
  await settled(ann);
  expect(server.doc).toEqual(end);
});

test("typing in a field is one step; another field, or a pause, begins the next", () => {
  const server = new TestServer(sample());
  let time = 0;
  const ann = openEditor(server.draft(), server.save("ann"), "ann", { now: () => time });
  for (const text of ["t", "ti", "tit", "titl"]) {
    time += 100;
    ann.change("rename", name("csv", text));
  }
  expect(ann.store.getState().undos).toHaveLength(1);
  ann.change("describe", setNode(docOf(ann), "csv", { doc: "a" }));
  time += 5000;
  ann.change("describe", setNode(docOf(ann), "csv", { doc: "ab" }));
  expect(ann.store.getState().undos).toHaveLength(3);
  ann.undo();
  ann.undo();
  ann.undo();
  expect(docOf(ann)).toEqual(sample());
});

test("typing while the first letter is on its way sends the rest as one", async () => {
  const server = new TestServer(sample());
  let open = () => {};
  server.gate = new Promise((go) => (open = go));
  const ann = openEditor(server.draft(), server.save("ann"), "ann", { now: () => 0 });
  for (const text of ["a", "ab", "abc", "abcd"]) ann.change("rename", name("csv", text));
  open();
  await ann.idle();
  expect(server.log).toHaveLength(2);
  expect(server.doc.nodes["csv"]?.name).toBe("abcd");
  ann.undo();
  await ann.idle();
  expect(server.doc).toEqual(sample());
});

test("a lost answer does not do the edit twice, and a server that is away gets it later", async () => {
  const server = new TestServer(sample());
  const ann = open(server, "ann", false);
  server.deaf = true;
  ann.change("rename", name("csv", "x"));
  await ann.idle();
  expect(server.log).toHaveLength(1);
  expect(ann.store.getState()).toMatchObject({ saving: "saved", pending: [], rev: 2 });
  server.away = true;
  ann.change("rename", name("users", "y"));
  await vi.waitFor(() => expect(ann.store.getState().saving).toBe("offline"));
  ann.close();
  server.away = false;
  await ann.idle();
  expect(server.doc.nodes["users"]?.name).toBe("y");
});

test("what is typed on after an answer was lost does not clash with itself", async () => {
  const server = new TestServer(sample());
  const ann = openEditor(server.draft(), server.save("ann"), "ann", { load: () => Promise.resolve(server.draft()), now: () => 0, retryAfter: 20 });
  server.deaf = true;
  const offline = new Promise<void>((go) => ann.store.subscribe((s) => s.saving === "offline" && go()));
  ann.change("rename", name("csv", "a"));
  await offline;
  ann.change("rename", name("csv", "ab"));
  await settled(ann);
  expect(ann.store.getState().kept).toEqual([]);
  expect(server.doc.nodes["csv"]?.name).toBe("ab");
  ann.undo();
  await settled(ann);
  expect(server.doc).toEqual(sample());
});

test("what the server refuses is taken back and told", async () => {
  const server = new TestServer(sample());
  const ann = open(server, "ann");
  server.refuse.add("bad");
  ann.change("bad", [{ path: ["nodes", "x"], value: { kind: "Read" } }]);
  ann.change("rename", name("x", "half"));
  ann.change("good", name("csv", "fine"));
  await settled(ann);
  expect(server.doc.nodes["csv"]?.name).toBe("fine");
  expect(docOf(ann).nodes["x"]).toBeUndefined();
});

test("missed news are fetched, not skipped", async () => {
  const server = new TestServer(sample());
  const ann = open(server, "ann", false);
  const bob = open(server, "bob");
  bob.change("one", name("csv", "1"));
  bob.change("two", name("users", "2"));
  await settled(bob);
  const last = server.log.at(-1);
  if (last !== undefined) ann.receive(last);
  await ann.catchUp();
  expect(docOf(ann)).toEqual(server.doc);
  expect(ann.store.getState().rev).toBe(server.rev);
});

test("where the log is gone, the whole flow comes, and clashes are still seen", async () => {
  const server = new TestServer(sample());
  const ann = open(server, "ann", false);
  const bob = open(server, "bob");
  bob.change("one", name("csv", "Bob's"));
  await settled(bob);
  server.logFrom = 100;
  ann.change("mine", name("csv", "Ann's"));
  ann.change("other", name("users", "Ann's"));
  await settled(ann);
  expect(ann.store.getState().kept).toHaveLength(1);
  expect(server.doc.nodes["users"]?.name).toBe("Ann's");
  expect(docOf(ann)).toEqual(server.doc);
});

test("what vanishes is no longer selected", () => {
  const server = new TestServer(sample());
  const ann = open(server, "ann");
  ann.select(["csv", "users", "wire:join-csv"]);
  ann.change("delete", remove(docOf(ann), ["csv"]).ops);
  expect([...ann.store.getState().selection]).toEqual(["users"]);
});

test("a clash whose target went since is told, and makes no half of a node", async () => {
  const server = new TestServer(sample());
  const ann = open(server, "ann");
  const bob = open(server, "bob", false);
  ann.change("rename", name("csv", "Ann's"));
  await settled(ann);
  bob.change("rename", name("csv", "Bob's"));
  await settled(bob);
  const [kept] = bob.store.getState().kept;
  bob.perform("delete", remove(docOf(bob), ["csv"]));
  if (kept !== undefined) bob.settle(kept, true);
  await settled(bob);
  expect(bob.store.getState().notice?.key).toBe("tools.clashLost");
  expect(server.doc.nodes["csv"]).toBeUndefined();
});

test("what the editor says has words", async () => {
  const said = new Set<string>();
  const server = new TestServer(sample());
  const ann = open(server, "ann");
  ann.store.subscribe((s) => s.notice !== undefined && said.add(s.notice.key));
  ann.undo();
  ann.redo();
  server.refuse.add("bad");
  ann.change("bad", name("csv", "x"));
  await settled(ann);
  ann.change("good", name("csv", "y"));
  ann.undo();
  ann.redo();
  await settled(ann);
  expect([...said].filter((key) => allWords[key] === undefined)).toEqual([]);
  expect(said.size).toBe(5);
});

test("who must sign in again loses nothing: 401s are no tries, and edits go out at once then", async () => {
  vi.useFakeTimers();
  const server = new TestServer(sample());
  let out = true;
  let asked = 0;
  const save = server.save("ann");
  const ann = openEditor(server.draft(), (flow, body) => {
    asked++;
    return out ? Promise.reject(new Failure(401, { code: "signed_out" })) : save(flow, body);
  }, "ann", { retryAfter: 10_000 });
  ann.change("a", name("csv", "Ann's"));
  ann.close();
  await vi.advanceTimersByTimeAsync(1_000_000);
  expect(asked).toBeGreaterThan(30);
  expect(docOf(ann).nodes["csv"]?.name).toBe("Ann's");
  out = false;
  ann.hurry();
  await vi.advanceTimersByTimeAsync(1);
  expect(server.doc.nodes["csv"]?.name).toBe("Ann's");
  expect(ann.store.getState().saving).toBe("saved");
});
