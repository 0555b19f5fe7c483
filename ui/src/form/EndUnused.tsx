import { Button } from "../ds/Button";
import { useDraft, useEditor } from "../editor/context";
import { terminateRest } from "../editor/model/nodes";
import { t } from "../words";

/** EndUnused ends the outputs that lead nowhere yet: those of one node, or all of the flow. */
export function EndUnused({ node }: { node?: string }) {
  const editor = useEditor();
  const problems = useDraft((s) => s.problems);
  const loose = new Map<string, string[]>();
  for (const p of problems) {
    const output = p.args?.["output"];
    if (p.code !== "node_output_unwired" || p.node === undefined || typeof output !== "string" || (node !== undefined && p.node !== node)) continue;
    loose.set(p.node, [...(loose.get(p.node) ?? []), output]);
  }
  if (loose.size === 0) return null;
  const end = () => editor.change(t("tools.stepTerminate"), [...loose].flatMap(([n, outputs]) => terminateRest(editor.store.getState().doc, n, outputs)));
  return <Button size="small" onClick={end}>{t("tools.endRest")}</Button>;
}
