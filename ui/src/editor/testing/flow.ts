// Kinds and flows for tests.
import type { KindInfo, KindMap } from "../../api/kinds";
import type { ConnectionDoc, FlowDoc } from "../../api/wire";
import { outputList } from "../model/ports";

const out = (name: string, cls = "out") => ({ name, doc: "", class: cls });
const list: KindInfo[] = [
  { kind: "Read", doc: "Reads.", source: true, outputs: [out("success"), out("failure", "rejected")] },
  { kind: "Clean", doc: "Cleans.", inputs: [{ name: "", doc: "" }], outputs: [out("success"), out("failure", "rejected")] },
  { kind: "Route", doc: "Chooses.", inputs: [{ name: "", doc: "" }], outputs: [out("unmatched", "filtered")], outputs_from: "routes" },
  { kind: "Join", doc: "Joins.", inputs: [{ name: "left", doc: "" }, { name: "right", doc: "" }], outputs: [out("success")], whole_run: true },
  { kind: "QueryRecord", doc: "Asks.", inputs: [{ name: "", doc: "" }], inputs_from: "tables", outputs: [out("success")] },
  { kind: "WriteCSV", doc: "Writes a file.", tags: ["file"], inputs: [{ name: "", doc: "" }], outputs: [out("success")], sink: true,
    properties: [{ key: "service", label: "Service", type: "service", doc: "", service: "Cloud" }, { key: "path", label: "Path", type: "string", doc: "" }] },
  { kind: "Funnel", doc: "Gathers.", inputs: [{ name: "", doc: "" }], outputs: [out("success")] },
  { kind: "InputPort", doc: "Lets in.", inputs: [{ name: "", doc: "" }], outputs: [out("success")] },
  { kind: "OutputPort", doc: "Lets out.", inputs: [{ name: "", doc: "" }], outputs: [out("success")] },
  { kind: "Cloud", doc: "An account.", service: true },
];

export const kinds: KindMap = new Map(list.map((k) => [k.kind, k]));

export const sample = (): FlowDoc => ({
  weir: 1, id: "daily", mode: "runs",
  parameters: { day: { type: "date" } },
  services: { cloud: { kind: "Cloud", settings: { key: "secret:cloud" } } },
  nodes: {
    users: { kind: "Read", name: "사용자" },
    events: { kind: "Read" },
    clean: { kind: "Clean", settings: { mode: "strict" } },
    join: { kind: "Join", after: ["users"] },
    csv: { kind: "WriteCSV", settings: { path: "out/#{day}.csv", service: "cloud" }, terminate: ["success"] },
  },
  connections: {
    "users-join": { from: "users", output: "success", to: "join", input: "right" },
    "events-clean": { from: "events", output: "success", to: "clean", limit: { flowfiles: 5 } },
    "clean-join": { from: "clean", output: "success", to: "join", input: "left" },
    "join-csv": { from: "join", output: "success", to: "csv" },
  },
  labels: { note: { text: "메모", at: [0, 400], size: [240, 120] } },
  layout: { users: [0, 0], events: [0, 160], clean: [320, 160], join: [640, 80], csv: [960, 80] },
});

/** wiring lists who feeds whom, whatever the wires are called. */
export const wiring = (doc: FlowDoc): string[] =>
  Object.values(doc.connections ?? {}).flatMap((c: ConnectionDoc) => outputList(c).map((o) => `${c.from}.${o} > ${c.to}.${c.input ?? ""}`)).toSorted();

/** dice returns numbers in [0, 1) that are the same for the same seed. */
export function dice(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
