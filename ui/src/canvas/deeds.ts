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
import { apply } from "../editor/ops";
import { type Picking, useBoard } from "./board";
import { endsOf } from "./faces";
import { type Box, distance, meets, type Point } from "./geometry";

/** gap is left between a card and one that is added after it: room for a name and a pill. */
const gap = 120;

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

/** nearestWire returns the wire nearest to a point, of those within some room. */
export function nearestWire(scene: Scene, spot: Point, room: number): string | undefined {
  let best: string | undefined;
  let least = room;
  for (const w of scene.wires) {
    const ends = endsOf(scene, w);
    if (ends === undefined) continue;
    // Wires bow out to the sides, never up or down.
    if (spot.y < Math.min(ends.from.y, ends.to.y) - room || spot.y > Math.max(ends.from.y, ends.to.y) + room) continue;
    const d = distance(spot, ends.from, ends.to);
    if (d < least) {
      least = d;
      best = w.id;
    }
  }
  return best;
}

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
      const room = roomFor(this.scene(), spot);
      return this.do("tools.stepSplice", splice(this.doc, link.wire, { kind, at: [room.x, room.y] }, this.kinds))[0];
    }
    const w = new Work(this.doc);
    const slug = addTo(w, kind, [spot.x, spot.y], group, this.kinds);
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

  /** rewire moves an end of a wire to ports of another card; where there is a choice and no port is given, it asks. */
  rewire(wire: string, end: "from" | "to", card: string, ports: readonly string[] | undefined, at: Point): void {
    const target = this.scene().byId.get(card);
    const moved = this.scene().wires.find((w) => w.id === wire);
    if (target === undefined || moved === undefined || target.type === "label") return;
    const { outputs, inputs } = end === "from" ? { outputs: choicesOf(target, target).outputs, inputs: [] } : { outputs: [], inputs: choicesOf(target, target).inputs };
    const choices = end === "from" ? outputs : inputs;
    const chosen = ports ?? (choices.length === 1 ? choices.map((c) => c.name) : undefined);
    if (chosen === undefined && choices.length > 0) {
      const same = choices.find((c) => (end === "from" ? moved.outputs.includes(c.name) : moved.input === c.name))?.name;
      const first = same ?? (end === "from" ? this.main(target) : undefined) ?? choices[0]?.name ?? "";
      useBoard.getState().set({ picking: { at, from: end === "from" ? card : moved.from, to: end === "to" ? card : moved.to, outputs, inputs, chosen: end === "from" ? [first] : [], input: first, move: { wire, end } } });
      return;
    }
    if (this.do("tools.stepRewire", this.moved(wire, end, card, chosen ?? [])).length === 0) this.editor.say("canvas.cannotConnect");
  }

  /** moved is the step that moves an end of a wire; outputs after the first are wired along. */
  private moved(wire: string, end: "from" | "to", card: string, ports: readonly string[]): Step {
    const first = rewire(this.doc, wire, end, card, ports[0] ?? "", this.kinds);
    const c = this.doc.connections?.[refOf(wire).slug];
    if (end === "to" || ports.length < 2 || first.ops.length === 0 || c === undefined) return first;
    const w = new Work(apply(this.doc, first.ops).doc);
    for (const output of ports.slice(1)) connectIn(w, { from: card, output, to: c.to, input: c.input ?? "" }, this.kinds);
    return { ...first, ops: [...first.ops, ...w.ops()] };
  }

  /** place moves cards to where they were dragged, as one step; a lone one let go on a wire is put into it. */
  place(places: ReadonlyMap<string, Point>): void {
    const ops = placeAll(this.doc, [...places].map(([id, at]) => [id, [Math.round(at.x), Math.round(at.y)]]));
    const wire = this.aimOf(places);
    const [node] = places.keys();
    const into = wire === undefined || node === undefined ? undefined : splice(apply(this.doc, ops).doc, wire, { node }, this.kinds);
    if (into === undefined || into.ops.length === 0) this.do("tools.stepMove", { ops });
    else this.do("tools.stepSplice", { ops: [...ops, ...into.ops], ...(into.select !== undefined && { select: into.select }) });
  }

  /** aimOf returns the wire that runs behind the middle of a lone card under way, if the card is free and fits into it. */
  aimOf(places: ReadonlyMap<string, Point>): string | undefined {
    const [entry] = places;
    const scene = this.scene();
    const card = entry === undefined || places.size > 1 ? undefined : scene.byId.get(entry[0]);
    if (entry === undefined || card === undefined || !this.loose(card)) return undefined;
    const middle = { x: entry[1].x + card.size[0] / 2, y: entry[1].y + card.size[1] / 2 };
    return nearestWire(scene, middle, Math.min(36, card.size[1] / 2));
  }

  // What data runs through already stays where it is: only its place changes.
  private loose(card: Card): boolean {
    const { type, slug } = refOf(card.id);
    const node = type === "node" ? this.doc.nodes[slug] : undefined;
    if (node === undefined || !canSplice(node, this.kinds)) return false;
    const main = this.main(card) ?? "";
    return !this.scene().wires.some((w) => w.to === card.id || (w.from === card.id && w.outputs.includes(main)));
  }

  /** groupOf returns the group that a card lies in. */
  groupOf(id: string): string {
    return groupOf(this.doc, id);
  }
}
