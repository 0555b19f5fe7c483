// The editor's state: the draft as the server has it, what is on its way there,
// what can be undone, and what is selected. Nothing here knows React or the DOM.
import { createStore, type StoreApi } from "zustand/vanilla";
import { Failure } from "../api/client";
import type { Draft, Edit, FlowDoc, Op, Problem } from "../api/wire";
import { diff } from "./diff";
import { refOf } from "./model/ports";
import type { Step } from "./model/work";
import { apply } from "./ops";
import { type Change, fieldKey, fits, isSame, joined, type Kept, meet, replay, stale, whoTouched, withOwners } from "./steps";

export type { Change, Kept };

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
  refusal?: Failure | undefined;
  /** selection holds node slugs, and "group:g", "label:l", "wire:w". */
  selection: ReadonlySet<string>;
  /** notice is a sentence's key for the live region and toasts, with a serial. */
  notice?: { serial: number; key: string; values?: Record<string, string | number> | undefined };
}

/** Saver sends operations; the app gives it, tests give their own server. */
export type Saver = (flow: string, body: { base_rev: number; client: string; label: string; ops: Op[] }) => Promise<{
  rev: number;
  problems: Problem[];
  version: number;
  differs: boolean;
}>;

/** Setting of an editor, all with useful defaults. */
export interface Options {
  /** load asks for the whole draft, for when news were missed. */
  load?: () => Promise<Draft>;
  /** now is the clock; retryAfter the first wait, in ms, after a server that was away. */
  now?: () => number;
  retryAfter?: number;
}

export interface Editor {
  store: StoreApi<EditorState>;
  client: string;
  /**
   * change carries out operations as one step that can be undone. Quick edits of
   * the same field, or with the same `merge`, become one step.
   */
  change(label: string, ops: Op[], merge?: string): void;
  /** perform carries out a command's step and selects what it says. */
  perform(label: string, step: Step): void;
  undo(): void;
  redo(): void;
  select(ids: Iterable<string>): void;
  /** receive takes in an edit that the server told of. */
  receive(edit: Edit): void;
  /** adopt takes in the draft as the server has it now. */
  adopt(draft: Draft): void;
  /** catchUp asks for the draft, as after the socket was away. */
  catchUp(): Promise<void>;
  /** settle ends a kept clash: mine is sent again, or given up. */
  settle(kept: Kept, mine: boolean): void;
  /** hurry tries at once what waits for the server, as after signing in again. */
  hurry(): void;
  /** idle resolves when nothing is on its way. */
  idle(): Promise<void>;
  say(key: string, values?: Record<string, string | number>): void;
  /** close ends the editor; what is pending is still sent. */
  close(): void;
}

const mostUndos = 500;
const mostOthers = 200;
/** apart is how long, in ms, two edits of a field are still one step. */
const apart = 1500;
const longestWait = 15_000;
const triesOnceClosed = 20;

/** standing keeps the ids of a selection that the flow still has. */
function standing(doc: FlowDoc, selection: ReadonlySet<string>): ReadonlySet<string> {
  const areas = { node: doc.nodes, group: doc.groups, label: doc.labels, wire: doc.connections };
  const left = [...selection].filter((id) => areas[refOf(id).type]?.[refOf(id).slug] !== undefined);
  return left.length === selection.size ? selection : new Set(left);
}

/** openEditor makes the editor of a draft. */
export function openEditor(draft: Draft, save: Saver, client: string, options: Options = {}): Editor {
  const { now = Date.now, retryAfter = 1000, load } = options;
  const store = createStore<EditorState>(() => ({
    flow: draft.flow, rev: draft.rev, base: draft.doc, doc: draft.doc, pending: [], undos: [], redos: [], kept: [],
    problems: draft.problems, version: draft.version, differs: draft.differs, authors: draft.authors, saving: "saved",
    selection: new Set<string>(),
  }));
  const { getState: get } = store;
  let sending: Promise<void> | undefined;
  let flying: Change | undefined;
  let closed = false;
  let serials = 0;
  const serial = () => ++serials;
  let waiting: Edit[] = [];
  let others: Pick<Edit, "ops" | "who">[] = [];

  const set = (change: Partial<EditorState>) =>
    store.setState(change.doc === undefined ? change : { selection: standing(change.doc, get().selection), ...change });
  const say = (key: string, values?: Record<string, string | number>) => set({ notice: { serial: serial(), key, values } });

  /** moveOn brings the base to a newer revision by what somebody did. */
  const moveOn = (rev: number, e: Pick<Edit, "ops" | "who">) => {
    const s = get();
    const { doc: base, inverse } = apply(s.base, e.ops);
    const met = meet(s.pending, e, inverse, serial);
    others = [...others.slice(-mostOthers + 1), e];
    const doc = s.pending.length === 0 ? base : replay(base, met.pending);
    set({ base, rev, pending: met.pending, doc, kept: [...s.kept, ...met.kept], differs: true });
    const first = met.kept[0];
    if (first !== undefined) say("tools.keptOne", { label: first.label, who: first.who });
  };

  const takeIn = (edits: readonly Edit[]) => {
    const sorted = edits.toSorted((a, b) => a.rev - b.rev);
    for (const [i, e] of sorted.entries()) {
      const s = get();
      if (e.rev <= s.rev) continue;
      if (e.rev > s.rev + 1) {
        // News were missed: what is known waits until the rest is.
        waiting.push(...sorted.slice(i));
        void catchUp();
        return;
      }
      const sent = s.pending[0];
      if (e.client === client && sent !== undefined && isSame(e, sent)) {
        // The answer to what was sent got lost, but the server has it.
        set({ base: apply(s.base, e.ops).doc, rev: e.rev, pending: s.pending.slice(1) });
      } else moveOn(e.rev, e);
    }
  };

  const takeWaiting = () => {
    const edits = waiting;
    waiting = [];
    if (edits.length > 0) takeIn(edits.filter((e) => e.rev > get().rev));
  };

  const adopt = (d: Draft) => {
    const s = get();
    if (d.rev < s.rev) return;
    if (d.rev > s.rev) moveOn(d.rev, { ops: diff(s.base, d.doc), who: d.authors.at(-1) ?? "" });
    set({ problems: d.problems, version: d.version, differs: d.differs, authors: d.authors });
    waiting = waiting.filter((e) => e.rev > get().rev);
  };

  let catching: Promise<void> | undefined;
  const catchUp = (): Promise<void> => {
    if (load === undefined) return Promise.resolve();
    catching ??= load().then(adopt, () => undefined).finally(() => {
      catching = undefined;
      const next = Math.min(...waiting.map((e) => e.rev));
      if (sending === undefined && next === get().rev + 1) takeWaiting();
    });
    return catching;
  };

  const landed = (c: Change, done: Awaited<ReturnType<Saver>>) => {
    const s = get();
    const rest = s.pending.slice(1);
    const news = { problems: done.problems, version: done.version, differs: done.differs };
    if (s.rev >= done.rev) set({ pending: rest, doc: replay(s.base, rest), ...news });
    else set({ base: rest.length === 0 ? s.doc : apply(s.base, c.ops).doc, rev: done.rev, pending: rest, ...news });
  };

  const refused = (c: Change, f: Failure) => {
    // Refused as it stands: taken back, shown, and never lost in silence.
    const s = get();
    const rest = s.pending.slice(1);
    const without = (list: Change[]) => list.filter((u) => u.id !== c.id);
    set({ pending: rest, doc: replay(s.base, rest), refusal: f, saving: "refused", undos: without(s.undos), redos: without(s.redos) });
    say("tools.refusedStep", { label: c.label });
  };

  let wake = () => {};
  const pause = (ms: number) => new Promise<void>((go) => {
    const timer = setTimeout(go, ms);
    wake = () => {
      clearTimeout(timer);
      go();
    };
  });

  const send = async (): Promise<void> => {
    let wait = retryAfter;
    let tries = 0;
    for (let c = get().pending[0]; c !== undefined; c = get().pending[0]) {
      if (get().saving !== "offline") set({ saving: "saving" });
      const { flow, rev } = get();
      try {
        flying = c;
        landed(c, await save(flow, { base_rev: rev, client, label: c.label, ops: c.ops }));
        flying = undefined;
        wait = retryAfter;
        set({ saving: "saving" });
        takeWaiting();
      } catch (e) {
        const f = e instanceof Failure ? e : new Failure(0, { code: "server_unreachable" });
        // Without an answer the server may have it: as long as that is open it takes no more in.
        if (f.status > 0 && f.status < 500) flying = undefined;
        const body = f.body as { rev?: number; missed?: Edit[]; doc?: FlowDoc } | undefined;
        if (f.status === 409 && body?.missed !== undefined) takeIn(body.missed);
        else if (f.status === 409 && body?.doc !== undefined) {
          moveOn(body.rev ?? rev + 1, { ops: diff(get().base, body.doc), who: "" });
        } else if (f.status >= 400 && f.status < 500 && ![401, 408, 409, 429].includes(f.status)) {
          refused(c, f);
          return;
        }
        if (get().rev > rev) continue;
        // Who must sign in first is not gone: that takes as long as it takes.
        if (closed && f.status !== 401 && ++tries > triesOnceClosed) return;
        set({ saving: "offline" });
        await pause(wait);
        wait = Math.min(wait * 2, longestWait);
        if (f.status === 409) await catchUp();
      }
    }
    if (get().saving !== "refused") set({ saving: "saved" });
  };

  const flush = () => {
    sending ??= send().finally(() => {
      sending = undefined;
      takeWaiting();
      if (get().pending.length > 0 && !closed) flush();
    });
  };

  const push = (label: string, ops: Op[], key?: string): Change => {
    const s = get();
    const { doc, inverse } = apply(s.doc, ops);
    const c: Change = { id: serial(), label, ops, inverse, key, at: now() };
    const before = s.undos.at(-1);
    const tail = s.pending.at(-1);
    const merge = key !== undefined && before?.key === key && c.at - before.at < apart;
    const step = merge ? joined(before, ops, inverse, c.at) : c;
    // What has not left yet takes the edit in; what is under way is followed by it.
    const joins = merge && tail !== undefined && tail.id === before.id && tail !== flying;
    const pending = joins ? [...s.pending.slice(0, -1), joined(tail, ops, inverse, c.at)] : [...s.pending, merge ? { ...c, id: before.id } : c];
    set({ doc, pending, refusal: undefined, differs: true, undos: merge ? [...s.undos.slice(0, -1), step] : s.undos });
    flush();
    return step;
  };

  const back = (from: "undos" | "redos") => {
    const done = from === "undos" ? "tools.undone" : "tools.redone";
    const list = get()[from];
    const c = list.at(-1);
    if (c === undefined) return say(from === "undos" ? "tools.undoNothing" : "tools.redoNothing");
    set({ [from]: list.slice(0, -1) });
    const doc = get().doc;
    const changed = stale(doc, c);
    if (changed !== undefined) {
      const who = whoTouched(others, changed) ?? "";
      return say(from === "undos" ? "tools.undoStale" : "tools.redoStale", { label: c.label, who });
    }
    const ops = withOwners(doc, c.inverse);
    if (ops.length > 0) {
      const step = push(c.label, ops);
      const to = from === "undos" ? "redos" : "undos";
      set({ [to]: [...get()[to], step] });
    }
    say(done, { label: c.label });
  };

  const change = (label: string, ops: Op[], merge?: string) => {
    if (ops.length === 0) return;
    const last = get().undos.at(-1);
    const c = push(label, ops, merge ?? fieldKey(ops));
    set(last !== undefined && last.id === c.id ? { redos: [] } : { undos: [...get().undos.slice(-mostUndos + 1), c], redos: [] });
  };

  const select = (ids: Iterable<string>) => {
    const next = new Set(ids);
    const current = get().selection;
    if (next.size !== current.size || [...next].some((id) => !current.has(id))) set({ selection: next });
  };

  return {
    store, client, change, select, say, adopt, catchUp,
    perform(label, step) {
      change(label, step.ops);
      if (step.select !== undefined) select(standing(get().doc, new Set(step.select)));
    },
    hurry: () => wake(),
    undo: () => back("undos"),
    redo: () => back("redos"),
    receive(edit) {
      if (sending !== undefined) waiting.push(edit);
      else takeIn([edit]);
    },
    settle(kept, mine) {
      set({ kept: get().kept.filter((k) => k.id !== kept.id) });
      if (!mine) return;
      const doc = get().doc;
      // What came back by other means since, or was never gone, stays as it is.
      const missing = kept.restore.filter((op) => op.value !== undefined && !has(doc, op));
      const restored = apply(doc, missing).doc;
      // Where its entry went by another way since, nothing is left to change.
      if (!kept.ops.every((op) => fits(restored, op))) return say("tools.clashLost", { label: kept.label });
      change(kept.label, withOwners(doc, [...missing, ...kept.ops]));
    },
    async idle() {
      for (let now = sending; now !== undefined; now = sending) await now;
    },
    close() {
      closed = true;
    },
  };
}

const has = (doc: FlowDoc, op: Op): boolean => {
  const area = (doc as unknown as Record<string, Record<string, unknown> | undefined>)[op.path[0] as string];
  return op.path.length === 2 && area?.[op.path[1] as string] !== undefined;
};
