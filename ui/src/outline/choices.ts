// What the outline's questions offer: kinds to add after a node, and where its
// outputs can lead.
import type { KindMap } from "../api/kinds";
import { searchKinds } from "../api/kindsearch";
import type { FlowDoc } from "../api/wire";
import { addTo } from "../editor/model/nodes";
import { groupOf, inputNames, mainOutput, nameOf, outputNames } from "../editor/model/ports";
import { cardSize, type Point } from "../editor/model/size";
import { type Step, Work } from "../editor/model/work";
import { connectIn, unusedOutputs, whyNot } from "../editor/model/wires";

/** Choice is a line to choose. */
export interface Choice {
  id: string;
  name: string;
  detail: string;
}

/** kindChoices lists kinds that can follow a node, or begin a flow. */
export function kindChoices(kinds: KindMap, text: string, after: boolean): Choice[] {
  const fit = [...kinds.values()].filter((k) => k.service !== true && (!after || inputNames({ kind: k.kind }, kinds).length > 0));
  return searchKinds(fit, text).slice(0, 50).map((k) => ({ id: k.kind, name: k.kind, detail: k.doc }));
}

/** addAfter adds a node right of another and wires it to the output that is free, or the main one. */
export function addAfter(doc: FlowDoc, node: string, kind: string, kinds: KindMap): Step {
  const w = new Work(doc);
  const from = doc.nodes[node];
  const at: Point = doc.layout?.[node] ?? [0, 0];
  const group = groupOf(doc, node);
  let y = at[1];
  const x = at[0] + cardSize[0] + 112;
  const hit = () => Object.entries(doc.layout ?? {}).some(([id, p]) => groupOf(doc, id) === group && Math.abs(p[0] - x) < cardSize[0] && Math.abs(p[1] - y) < cardSize[1]);
  if (from !== undefined) for (; hit(); y += cardSize[1] + 40);
  const slug = addTo(w, kind, from === undefined ? at : [x, y], group, kinds);
  const output = from === undefined ? undefined : unusedOutputs(doc, node, kinds)[0] ?? mainOutput(from, kinds);
  const input = inputNames({ kind }, kinds)[0];
  if (output !== undefined && input !== undefined) connectIn(w, { from: node, output, to: slug, input }, kinds);
  return { ops: w.ops(), select: [slug] };
}

const cut = "\u0000";

/** targetChoices lists where an output of a node can lead: nodes, and inputs where there are several. */
export function targetChoices(doc: FlowDoc, node: string, kinds: KindMap, text: string): Choice[] {
  const from = doc.nodes[node];
  if (from === undefined) return [];
  const asked = text.normalize("NFC").toLowerCase();
  const outputs = outputNames(from, kinds);
  const list: Choice[] = [];
  for (const [slug, n] of Object.entries(doc.nodes)) {
    const inputs = inputNames(n, kinds);
    const name = nameOf(doc, slug);
    if (asked !== "" && !`${name} ${slug} ${n.kind}`.toLowerCase().includes(asked)) continue;
    for (const output of outputs) {
      for (const input of inputs) {
        if (whyNot(doc, { from: node, output, to: slug, input }, kinds) !== undefined) continue;
        list.push({ id: [output, slug, input].join(cut), name: `${output} → ${name}`, detail: input });
        if (list.length >= 100) return list;
      }
    }
  }
  return list;
}

/** linkOf reads a choice of targetChoices. */
export function linkOf(node: string, id: string): { from: string; output: string; to: string; input: string } {
  const [output = "", to = "", input = ""] = id.split(cut);
  return { from: node, output, to, input };
}
