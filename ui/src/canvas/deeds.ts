// What is done on the canvas by hand or key, as steps of the editor.
import type { KindMap } from "../api/kinds";
import { rememberKind } from "../api/kindsearch";
import type { Editor } from "../editor/store";
import { addTo, placeAll } from "../editor/model/nodes";
import { groupOf, inputNames, mainOutput, refOf } from "../editor/model/ports";
import type { Card, Scene } from "../editor/model/scene";
import type { Step } from "../editor/model/work";
import { Work } from "../editor/model/work";
import { canSplice, connectIn, rewire, splice, whyNot } from "../editor/model/wires";
import { t } from "../words";
import { type Picking, useBoard } from "./board";
import { type Box, meets, type Point } from "./geometry";

const gap = 80;

/** roomFor moves a new card down from where it is wanted until it covers no other. */
export function roomFor(scene: Scene, want: Point, size: [number, number] = [208, 92]): Point {
  const at = { ...want };
  const taken: Box[] = scene.cards.filter((c) => c.type !== "label").map((c) => ({ x: c.at[0] - 8, y: c.at[1] - 8, w: c.size[0] + 16, h: c.size[1] + 16 }));
  for (let i = 0; i < 200; i++) {
    const hit = taken.find((b) => meets(b, { x: at.x, y: at.y, w: size[0], h: size[1] }));
    if (hit === undefined) break;
    at.y = hit.y + hit.h + 16;
  }
  return at;
}

/** rightOf is where a node goes that is added after a card. */
export const rightOf = (scene: Scene, card: Card): Point => roomFor(scene, { x: card.at[0] + card.size[0] + gap, y: card.at[1] });

/** choicesOf returns what a wire between two cards may take at either end. */
export function choicesOf(from: Card, to: Card): Pick<Picking, "outputs" | "inputs"> {
  const inputs = to.inputs.map((p) => ({ name: p.name, label: p.label }));
  // A group takes a wire at a new port too.
  if (to.type === "group") inputs.push({ name: "", label: t("canvas.newPort") });
  return { outputs: from.outputs.map((p) => ({ name: p.name, label: p.label })), inputs };
}

/** fitting tells which kinds can be added where a quick-add was asked for. */
export function fitting(kinds: KindMap, asked: { from?: unknown; to?: unknown; wire?: unknown }): ((kind: string) => boolean) | undefined {
  if (asked.wire !== undefined) return (kind) => canSplice({ kind }, kinds);
  if (asked.from !== undefined) return (kind) => inputNames({ kind }, kinds).length > 0;
  if (asked.to !== undefined) return (kind) => mainOutput({ kind }, kinds) !== undefined;
  return undefined;
}

/** Deeds change the open flow. */
export class Deeds {
  constructor(private readonly editor: Editor, private readonly kinds: KindMap, private readonly scene: () => Scene) {}

  private do(label: string, step: Step): string[] {
    if (step.ops.length === 0) return [];
    this.editor.change(label, step.ops);
    if (step.select !== undefined) this.editor.select(step.select);
    return step.select ?? [];
  }

  private get doc() {
    return this.editor.store.getState().doc;
  }

  /** add makes a node, wired or put into a wire as asked, in one step; it returns the node. */
  add(kind: string, spot: Point, link: { from?: { card: string; port: string }; to?: { card: string; port: string }; wire?: string }): string | undefined {
    rememberKind(kind);
    const group = this.scene().group;
    if (link.wire !== undefined) {
      return this.do("tools.stepSplice", splice(this.doc, link.wire, { kind, at: [spot.x, spot.y] }, this.kinds))[0];
    }
    const w = new Work(this.doc);
    const slug = addTo(w, kind, [spot.x, spot.y], group);
    const input = inputNames({ kind }, this.kinds)[0];
    const output = mainOutput({ kind }, this.kinds);
    if (link.from !== undefined && input !== undefined) connectIn(w, { from: link.from.card, output: link.from.port, to: slug, input }, this.kinds);
    if (link.to !== undefined && output !== undefined) connectIn(w, { from: slug, output, to: link.to.card, input: link.to.port }, this.kinds);
    this.do("tools.stepAdd", { ops: w.ops(), select: [slug] });
    useBoard.getState().set({ told: t("canvas.added", { name: kind }) });
    return slug;
  }

  /** connect wires outputs of a card to an input of another. */
  connect(from: string, outputs: readonly string[], to: string, input: string): boolean {
    const w = new Work(this.doc);
    let why: Parameters<typeof t>[0] | undefined;
    for (const output of outputs) {
      const link = { from, output, to, input };
      why ??= whyNot(w.doc, link, this.kinds);
      connectIn(w, link, this.kinds);
    }
    const done = this.do("tools.stepConnect", { ops: w.ops() });
    const name = (id: string) => this.scene().byId.get(id)?.name ?? id;
    const ok = this.editor.store.getState().doc.connections !== undefined && w.ops().length > 0 && done !== undefined;
    useBoard.getState().set({ told: ok ? t("canvas.connected", { from: name(from), to: name(to) }) : t(why ?? "canvas.cannotConnect") });
    if (!ok) this.editor.say(why ?? "canvas.cannotConnect");
    return ok;
  }

  /** join wires two cards; where there is a choice of outputs or inputs, it asks. */
  join(from: string, port: string | undefined, to: string, input: string | undefined, at: Point): void {
    const a = this.scene().byId.get(from);
    const b = this.scene().byId.get(to);
    if (a === undefined || b === undefined || b.type === "label" || a.type === "label") return;
    const { outputs, inputs } = choicesOf(a, b);
    if (outputs.length === 0 || (inputs.length === 0 && input === undefined)) {
      const key = outputs.length === 0 ? "canvas.noOutputs" : "canvas.noInputs";
      const name = outputs.length === 0 ? a.name : b.name;
      useBoard.getState().set({ told: t(key, { name }) });
      this.editor.say(key, { name });
      return;
    }
    const output = port ?? (outputs.length === 1 ? outputs[0]?.name : undefined);
    const into = input ?? (inputs.length === 1 ? inputs[0]?.name : undefined);
    if (output !== undefined && into !== undefined) {
      this.connect(from, [output], to, into);
      return;
    }
    const first = outputs.find((o) => o.name === this.main(a)) ?? outputs[0];
    useBoard.getState().set({
      picking: { at, from, to, outputs: port === undefined ? outputs : outputs.filter((o) => o.name === port), inputs: input === undefined ? inputs : inputs.filter((i) => i.name === input), chosen: [output ?? first?.name ?? ""], input: into ?? inputs[0]?.name ?? "" },
    });
  }

  private main(card: Card): string | undefined {
    const { type, slug } = refOf(card.id);
    const node = type === "node" ? this.doc.nodes[slug] : undefined;
    return node === undefined ? card.outputs[0]?.name : mainOutput(node, this.kinds);
  }

  /** rewire moves an end of a wire to another card; the port is chosen if none is given. */
  rewire(wire: string, end: "from" | "to", card: string, port: string | undefined): void {
    const target = this.scene().byId.get(card);
    if (target === undefined) return;
    const into = port ?? (end === "from" ? this.main(target) : target.inputs[0]?.name) ?? "";
    if (this.do("tools.stepRewire", rewire(this.doc, wire, end, card, into, this.kinds)).length === 0) this.editor.say("canvas.cannotConnect");
  }

  /** place moves cards to where they were dragged, as one step. */
  place(places: Iterable<[id: string, at: Point]>): void {
    const ops = placeAll(this.doc, [...places].map(([id, at]) => [id, [Math.round(at.x), Math.round(at.y)]]));
    this.do("tools.stepMove", { ops });
  }

  /** insert puts a card that is there into a wire that it was dropped on. */
  insert(wire: string, node: string): boolean {
    return this.do("tools.stepSplice", splice(this.doc, wire, { node }, this.kinds)).length > 0;
  }

  /** groupOf returns the group that a card lies in. */
  groupOf(id: string): string {
    return groupOf(this.doc, id);
  }
}
