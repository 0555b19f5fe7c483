// The editor's state: the draft as the server has it, what is on its way there,
// what can be undone, and what is selected. Nothing here knows React or the DOM.
import { createStore, type StoreApi } from "zustand/vanilla";
import { Failure } from "../api/client";
import type { Draft, Edit, FlowDoc, Op, Problem } from "../api/wire";
import { apply, at, type Clash, rebase, same } from "./ops";

/** Change is one step of the user's: what it did and what takes it back. */
export interface Change {
  label: string;
  ops: Op[];
  inverse: Op[];
}

/** Kept is a change of mine that met somebody else's; it waits for a decision. */
export interface Kept {
  label: string;
  clash: Clash;
  who: string;
}

export interface EditorState {
  flow: string;
  rev: number;
  /** base is the draft at rev; doc is base with all that is pending. */
  base: FlowDoc;
  doc: FlowDoc;
  pending: Change[];
  undos: Change[];
  redos: Change[];
  kept: Kept[];
  problems: Problem[];
  version: number;
  differs: boolean;
  authors: string[];
  /** saving: "saved", "saving", "offline" (kept and tried again), or "refused". */
  saving: "saved" | "saving" | "offline" | "refused";
  refusal?: Failure;
  /** selection holds node slugs, and "group:g", "label:l", "wire:w". */
  selection: ReadonlySet<string>;
  /** notice is a sentence's key for the live region and toasts, with a serial. */
  notice?: { serial: number; key: string; values?: Record<string, string | number> };
}

/** Saver sends operations; the app gives it, tests give their own server. */
export type Saver = (flow: string, body: { base_rev: number; client: string; label: string; ops: Op[] }) => Promise<{
  rev: number;
  problems: Problem[];
  version: number;
  differs: boolean;
}>;

export interface Editor {
  store: StoreApi<EditorState>;
  client: string;
  /** change carries out operations as one step that can be undone. */
  change(label: string, ops: Op[]): void;
  undo(): void;
  redo(): void;
  select(ids: Iterable<string>): void;
  /** receive takes in an edit that the server told of. */
  receive(edit: Edit): void;
  /** settle ends a kept clash: mine is sent again, or given up. */
  settle(kept: Kept, mine: boolean): void;
  /** idle resolves when nothing is on its way. */
  idle(): Promise<void>;
  say(key: string, values?: Record<string, string | number>): void;
  close(): void;
}

const mostUndos = 500;
const retryAfter = 1000;

/** openEditor makes the editor of a draft. */
export function openEditor(draft: Draft, save: Saver, client: string): Editor {
  const store = createStore<EditorState>(() => ({
    flow: draft.flow, rev: draft.rev, base: draft.doc, doc: draft.doc, pending: [], undos: [], redos: [], kept: [],
    problems: draft.problems, version: draft.version, differs: draft.differs, authors: draft.authors, saving: "saved",
    selection: new Set<string>(),
  }));
  const { getState: get, setState: set } = store;
  let sending: Promise<void> | undefined;
  let closed = false;
  let serial = 0;
  const waiting: Edit[] = [];

  const replay = (base: FlowDoc, pending: Change[]) => pending.reduce((doc, c) => apply(doc, c.ops).doc, base);

  const takeIn = (edits: Edit[]) => {
    const s = get();
    let { base, rev } = s;
    let pending = s.pending;
    const kept = [...s.kept];
    for (const e of edits) {
      if (e.rev <= rev) continue;
      base = apply(base, e.ops).doc;
      rev = e.rev;
      if (e.client === client) continue;
      pending = pending.flatMap((c) => {
        const { keep, clashes } = rebase(c.ops, e.ops);
        for (const clash of clashes) kept.push({ label: c.label, clash, who: e.who });
        return keep.length === 0 ? [] : [{ ...c, ops: keep }];
      });
    }
    set({ base, rev, pending, kept, doc: replay(base, pending) });
  };

  const send = async (): Promise<void> => {
    for (let c = get().pending[0]; c !== undefined && !closed; c = get().pending[0]) {
      set({ saving: "saving" });
      try {
        const { flow, rev } = get();
        const done = await save(flow, { base_rev: rev, client, label: c.label, ops: c.ops });
        const s = get();
        // The server's frame about this very edit may have come first.
        const base = s.rev < done.rev ? apply(s.base, c.ops).doc : s.base;
        set({ base, rev: Math.max(s.rev, done.rev), pending: s.pending.slice(1), doc: replay(base, s.pending.slice(1)),
          problems: done.problems, version: done.version, differs: done.differs });
        takeIn(waiting.splice(0));
      } catch (e) {
        const f = e instanceof Failure ? e : new Failure(0, { code: "server_unreachable" });
        const body = f.body as { rev?: number; missed?: Edit[]; doc?: FlowDoc } | undefined;
        if (f.status === 409 && body?.missed !== undefined) takeIn(body.missed);
        else if (f.status === 409 && body?.doc !== undefined) set({ base: body.doc, rev: body.rev ?? 0, doc: replay(body.doc, get().pending) });
        else if (f.status === 0 || f.status >= 500 || f.status === 401) {
          set({ saving: "offline" });
          await new Promise((go) => setTimeout(go, retryAfter));
        } else {
          // Refused as it stands: taken back, shown, and never lost in silence.
          const s = get();
          set({ pending: s.pending.slice(1), doc: replay(s.base, s.pending.slice(1)), refusal: f, saving: "refused", undos: s.undos.filter((u) => u !== c) });
          return;
        }
      }
    }
    if (get().saving !== "refused") set({ saving: "saved" });
  };

  const flush = () => {
    sending ??= send().finally(() => {
      sending = undefined;
      takeIn(waiting.splice(0));
      if (get().pending.length > 0 && !closed) flush();
    });
  };

  const push = (label: string, ops: Op[]): Change => {
    const s = get();
    const { doc, inverse } = apply(s.doc, ops);
    const c = { label, ops: ops.map((op) => ({ ...op, was: at(s.doc, op.path) })), inverse };
    set({ doc, pending: [...s.pending, c], refusal: undefined });
    flush();
    return c;
  };

  // A step is taken back only where nobody changed what it left behind.
  const stale = (c: Change) => c.ops.find((op) => op.path[0] !== "layout" && !same(at(get().doc, op.path), op.value) && c.ops.findLast((o) => o.path.join("\0") === op.path.join("\0")) === op);

  const say = (key: string, values?: Record<string, string | number>) => set({ notice: { serial: ++serial, key, values } });

  return {
    store, client,
    change(label, ops) {
      if (ops.length === 0) return;
      const c = push(label, ops);
      set({ undos: [...get().undos.slice(-mostUndos + 1), c], redos: [] });
    },
    undo() {
      const c = get().undos.at(-1);
      if (c === undefined) return;
      set({ undos: get().undos.slice(0, -1) });
      if (stale(c)) return say("tools.undoStale", { label: c.label });
      const back = push(c.label, c.inverse);
      set({ redos: [...get().redos, back] });
      say("tools.undone", { label: c.label });
    },
    redo() {
      const c = get().redos.at(-1);
      if (c === undefined) return;
      set({ redos: get().redos.slice(0, -1) });
      if (stale(c)) return say("tools.undoStale", { label: c.label });
      const again = push(c.label, c.inverse);
      set({ undos: [...get().undos, again] });
      say("tools.redone", { label: c.label });
    },
    select(ids) {
      const next = new Set(ids);
      const now = get().selection;
      if (next.size !== now.size || [...next].some((id) => !now.has(id))) set({ selection: next });
    },
    receive(edit) {
      if (sending !== undefined) waiting.push(edit);
      else takeIn([edit]);
    },
    settle(kept, mine) {
      set({ kept: get().kept.filter((k) => k !== kept) });
      if (mine) this.change(kept.label, [kept.clash.mine]);
    },
    async idle() {
      while (sending !== undefined) await sending;
    },
    say,
    close() {
      closed = true;
    },
  };
}
