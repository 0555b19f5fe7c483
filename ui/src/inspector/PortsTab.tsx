import type { Input, KindInfo, KindMap, Output } from "../api/kinds";
import { inputsOf, outputsOf } from "../api/kinds";
import { useText } from "../api/words";
import type { NodeDoc } from "../api/wire";
import { Badge } from "../ds/Badge";
import { Prose } from "../ds/Prose";
import { Button } from "../ds/Button";
import { Select } from "../ds/Select";
import { Switch } from "../ds/Switch";
import { useDraft, useEditor } from "../editor/context";
import { terminate } from "../editor/model/nodes";
import { outputList } from "../editor/model/ports";
import { EndUnused } from "../form/EndUnused";
import form from "../form/form.module.css";
import { PathControl } from "../form/PathField";
import { problemsAt } from "../form/settings";
import { usePlace } from "../lib/place";
import { useSteady } from "../lib/steady";
import { t } from "../words";
import styles from "./tabs.module.css";

interface PortsProps {
  slug: string;
  node: NodeDoc;
  kind: KindInfo | undefined;
  kinds: KindMap;
}

/** PortsTab says where each input comes from and each output leads, or that it ends here. */
export function PortsTab({ slug, node, kind }: PortsProps) {
  const inputs = inputsOf(node, kind);
  const outputs = outputsOf(node, kind);
  const problems = useSteady(useDraft((s) => s.problems));
  const text = useText();
  const own = problems.filter((p) => p.path === `nodes.${slug}`).concat(problemsAt(problems, `nodes.${slug}.terminate`));
  return (
    <div className={form.form}>
      <section className={styles.ports} aria-label={t("inspector.inputs")}>
        <h3 className={styles.heading}>{t("inspector.inputs")}</h3>
        {inputs.length === 0 && <p className={form.hint}>{t("inspector.noInputs")}</p>}
        {inputs.map((i) => <InputLine key={i.name} slug={slug} node={node} input={i} />)}
      </section>
      <section className={styles.ports} aria-label={t("inspector.outputs")}>
        <h3 className={styles.heading}>{t("inspector.outputs")}</h3>
        {outputs.length === 0 && <p className={form.hint}>{t("inspector.noOutputs")}</p>}
        {outputs.map((o) => <OutputLine key={o.name} slug={slug} node={node} output={o} />)}
      </section>
      {own.length > 0 && (
        <div role="alert" className={form.alert}>
          {own.map((p, i) => <p key={`${p.code} ${i}`}>{text(p)}</p>)}
          <EndUnused node={slug} />
        </div>
      )}
    </div>
  );
}

/** useWires returns connections at one side of a node, with the other end's name. */
function useWires(slug: string, side: "in" | "out", port: string): { wire: string; other: string; name: string }[] {
  const connections = useDraft((s) => s.doc.connections);
  const nodes = useDraft((s) => s.doc.nodes);
  return Object.entries(connections ?? {})
    .filter(([, c]) => (side === "in" ? c.to === slug && (c.input ?? "") === port : c.from === slug && outputList(c).includes(port)))
    .map(([wire, c]) => {
      const other = side === "in" ? c.from : c.to;
      return { wire, other, name: nodes[other]?.name ?? other };
    });
}

function Links({ slug, side, port }: { slug: string; side: "in" | "out"; port: string }) {
  const wires = useWires(slug, side, port);
  const [, go] = usePlace();
  return (
    <span className={styles.links}>
      {wires.map((w) => <Button key={w.wire} kind="link" size="small" onClick={() => go({ open: `wire:${w.wire}`, tab: "" })}>{t(side === "in" ? "inspector.from" : "inspector.to", { name: w.name })}</Button>)}
    </span>
  );
}

function InputLine({ slug, node, input }: { slug: string; node: NodeDoc; input: Input }) {
  const wires = useWires(slug, "in", input.name);
  const name = input.name === "" ? t("inspector.defaultInput") : input.name;
  const words = { fail: t("inspector.onEmptyFail"), skip: t("inspector.onEmptySkip"), pass: t("inspector.onEmptyPass") };
  const usual = words[(input.on_empty ?? "fail") as keyof typeof words] ?? "";
  return (
    <div className={styles.port}>
      <div className={styles.portLine}>
        <span className={input.name === "" ? styles.portWord : styles.portName}>{name}</span>
        {input.whole_run === true && <Badge>{t("inspector.wholeRun")}</Badge>}
        {wires.length === 0 && <Badge tone={input.optional === true ? "plain" : "amber"}>{t(input.optional === true ? "inspector.optional" : "inspector.unwired")}</Badge>}
      </div>
      <p className={form.hint}><Prose text={input.doc} /></p>
      <Links slug={slug} side="in" port={input.name} />
      {input.whole_run === true && (
        <PathControl path={["nodes", slug, "inputs", input.name, "on_empty"]} of={node.name ?? slug} label={t("inspector.onEmpty")}>
          {(value, set, ids) => (
            <Select {...ids} value={typeof value === "string" ? value : ""} onChange={(v) => set(v === "" ? undefined : v)}
              options={[{ value: "", label: t("inspector.onEmptyDefault", { value: usual }) }, ...Object.entries(words).map(([v, label]) => ({ value: v, label }))]} />
          )}
        </PathControl>
      )}
    </div>
  );
}

const classes = { out: "inspector.classOut", filtered: "inspector.classFiltered", rejected: "inspector.classRejected" } as const;

function OutputLine({ slug, node, output: o }: { slug: string; node: NodeDoc; output: Output }) {
  const editor = useEditor();
  const wires = useWires(slug, "out", o.name);
  const ended = node.terminate?.includes(o.name) === true;
  const name = node.name ?? slug;
  return (
    <div className={styles.port}>
      <div className={styles.portLine}>
        <span className={styles.portName}>{o.name}</span>
        {o.class !== "out" && <Badge>{t(classes[o.class as keyof typeof classes] ?? classes.out)}</Badge>}
        {wires.length === 0 && !ended && <Badge tone="amber">{t("inspector.unwired")}</Badge>}
        <span className={styles.gap} />
        {(wires.length === 0 || ended) && (
          <span className={styles.end}>
            <span aria-hidden="true">{t("inspector.terminateShort")}</span>
            <Switch aria-label={t("inspector.terminate", { name: o.name })} checked={ended}
              onChange={(on) => editor.change(t(on ? "inspector.doesTerminate" : "inspector.doesUnterminate", { output: o.name, name }), terminate(editor.store.getState().doc, slug, o.name, on))} />
          </span>
        )}
      </div>
      {o.doc !== "" && <p className={form.hint}><Prose text={o.doc} /></p>}
      <Links slug={slug} side="out" port={o.name} />
    </div>
  );
}
