// The workbench of structural commands: a flow file whose entries may be put and
// taken, and what differs in the end as operations.
import type { ConnectionDoc, FlowDoc, GroupDoc, LabelDoc, NodeDoc, Op } from "../../api/wire";
import { diff } from "../diff";
import { outputList, outputValue } from "./ports";
import { baseOf, freeSlug, slugOf } from "./slug";
import type { Point } from "./size";

/** Step is what a command wants: operations, and what is selected afterwards. */
export interface Step {
  ops: Op[];
  select?: string[];
}

/** WireEntry is a connection with its slug. */
export type WireEntry = [slug: string, c: ConnectionDoc];

/** Fields of an entry that are not there when they say nothing. */
function lean<T extends object>(entry: T): T {
  return Object.fromEntries(Object.entries(entry).filter(([, v]) => v !== undefined && v !== "" && !(Array.isArray(v) && v.length === 0))) as T;
}

/** Work is a flow file under change. What it was given stays as it is. */
export class Work {
  readonly doc: FlowDoc & Required<Pick<FlowDoc, "connections" | "groups" | "labels" | "layout">>;
  private readonly before: FlowDoc;

  constructor(doc: FlowDoc) {
    this.before = doc;
    this.doc = { ...doc, nodes: { ...doc.nodes }, connections: { ...doc.connections }, groups: { ...doc.groups }, labels: { ...doc.labels }, layout: { ...doc.layout } };
  }

  /** ops returns what changed. */
  ops(): Op[] {
    return diff(this.before, this.doc);
  }

  node(slug: string, change: Partial<NodeDoc>): void {
    const { settings, inputs } = change;
    const node = lean({ ...(this.doc.nodes[slug] as NodeDoc), ...change });
    if (settings !== undefined && Object.keys(settings).length === 0) delete node.settings;
    if (inputs !== undefined && Object.keys(inputs).length === 0) delete node.inputs;
    if (node.after !== undefined) node.after = [...new Set(node.after)].toSorted();
    if (node.terminate !== undefined) node.terminate = [...new Set(node.terminate)].toSorted();
    this.doc.nodes[slug] = node;
  }

  group(slug: string, change: Partial<GroupDoc>): void {
    this.doc.groups[slug] = lean({ ...this.doc.groups[slug], ...change });
  }

  label(slug: string, change: Partial<LabelDoc>): void {
    const label = lean({ ...(this.doc.labels[slug] as LabelDoc), ...change });
    this.doc.labels[slug] = { ...label, text: label.text ?? "" };
  }

  place(id: string, at: Point): void {
    this.doc.layout[id] = at;
  }

  wire(slug: string, change: Partial<ConnectionDoc>): void {
    const c = { ...(this.doc.connections[slug] as ConnectionDoc), ...change };
    if (c.input === "") delete c.input;
    this.doc.connections[slug] = c;
  }

  /** freeNode returns a slug that no node has. */
  freeNode(wish: string): string {
    return freeSlug(wish, (s) => Object.hasOwn(this.doc.nodes, s));
  }

  freeGroup(wish: string): string {
    return freeSlug(wish, (s) => Object.hasOwn(this.doc.groups, s));
  }

  freeWire(from: string, to: string): string {
    return freeSlug(slugOf(`${from}-${to}`, "wire"), (s) => Object.hasOwn(this.doc.connections, s));
  }

  /** untied takes outputs from the list of those that lead nowhere on purpose. */
  untied(node: string, outputs: readonly string[]): void {
    const list = this.doc.nodes[node]?.terminate;
    if (list?.some((o) => outputs.includes(o)) === true) this.node(node, { terminate: list.filter((o) => !outputs.includes(o)) });
  }

  /**
   * link wires outputs to an input, without regard to groups, and returns the
   * connection. Outputs that lead there already are not wired twice; with `merge`
   * the others join a connection between the same ends.
   */
  link(from: string, outputs: readonly string[], to: string, input: string, like: Partial<ConnectionDoc> = {}, wish?: string, merge = false): string {
    this.untied(from, outputs);
    const twins = this.outOf(from).filter(([, c]) => c.to === to && (c.input ?? "") === input);
    const fresh = outputs.filter((o) => !twins.some(([, c]) => outputList(c).includes(o)));
    const twin = twins[0];
    if (twin !== undefined && fresh.length === 0) return twin[0];
    if (twin !== undefined && merge) {
      this.wire(twin[0], { output: outputValue([...outputList(twin[1]), ...fresh]) });
      return twin[0];
    }
    const slug = wish !== undefined && !Object.hasOwn(this.doc.connections, wish) ? wish : this.freeWire(from, to);
    const { limit, expire } = like;
    this.wire(slug, { from, output: outputValue(fresh), to, input, ...(limit !== undefined && { limit }), ...(expire !== undefined && { expire }) });
    return slug;
  }

  /** addPort makes a port of a group. */
  addPort(group: string, kind: "InputPort" | "OutputPort", name: string, at: Point): string {
    const slug = this.freeNode(slugOf(`${kind === "InputPort" ? "in" : "out"}-${baseOf(slugOf(name, "port"))}`, "port"));
    this.node(slug, { kind, name, group });
    this.place(slug, at);
    return slug;
  }

  /** dropWire takes a connection away. */
  dropWire(slug: string): void {
    delete this.doc.connections[slug];
  }

  /** dropNode takes a node, its wires and what waits for it away. */
  dropNode(slug: string): void {
    delete this.doc.nodes[slug];
    delete this.doc.layout[slug];
    for (const [w, c] of Object.entries(this.doc.connections)) if (c.from === slug || c.to === slug) delete this.doc.connections[w];
    for (const [s, n] of Object.entries(this.doc.nodes)) if (n.after?.includes(slug) === true) this.node(s, { after: n.after.filter((a) => a !== slug) });
  }

  into(node: string): WireEntry[] {
    return Object.entries(this.doc.connections).filter(([, c]) => c.to === node);
  }

  outOf(node: string): WireEntry[] {
    return Object.entries(this.doc.connections).filter(([, c]) => c.from === node);
  }
}

