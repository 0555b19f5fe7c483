import { ListTree, Trash2 } from "lucide-react";
import type { KindMap } from "../api/kinds";
import { inputsOf, outputsOf } from "../api/kinds";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Field } from "../ds/Field";
import { Select } from "../ds/Select";
import { useDraft, useEditor } from "../editor/context";
import { outputList, wireId } from "../editor/model/ports";
import { remove } from "../editor/model/remove";
import { setOutputs } from "../editor/model/wires";
import form from "../form/form.module.css";
import { PathControl, PathField } from "../form/PathField";
import { problemsAt } from "../form/settings";
import { usePlace } from "../lib/place";
import { t } from "../words";
import { Panel } from "./Panel";
import { WireCounts } from "./WireCounts";
import styles from "./tabs.module.css";

/** WireView is a connection: its ends, what it carries, and how much it holds. */
export function WireView({ slug, kinds }: { slug: string; kinds: KindMap }) {
  const editor = useEditor();
  const [, go] = usePlace();
  const text = useText();
  const wire = useDraft((s) => s.doc.connections?.[slug]);
  const nodes = useDraft((s) => s.doc.nodes);
  const mode = useDraft((s) => s.doc.mode);
  const problems = useDraft((s) => s.problems);
  if (wire === undefined) return <Panel title={t("inspector.wire")}><p className={form.form}>{t("inspector.gone")}</p></Panel>;
  const source = nodes[wire.from];
  const target = nodes[wire.to];
  const name = (s: string) => nodes[s]?.name ?? s;
  const of = t("inspector.wireBetween", { from: name(wire.from), to: name(wire.to) });
  const carried = outputList(wire);
  const outputs = source === undefined ? carried : [...new Set([...outputsOf(source, kinds.get(source.kind)).map((o) => o.name), ...carried])];
  const inputs = target === undefined ? [] : inputsOf(target, kinds.get(target.kind));
  const carry = (output: string, on: boolean) => {
    const next = outputs.filter((o) => (o === output ? on : carried.includes(o)));
    // A wire without an output is none; deleting has its own button.
    if (next.length > 0) editor.change(t("inspector.does", { property: t("inspector.wireOutputs"), name: of }), setOutputs(editor.store.getState().doc, wireId(slug), next).ops);
  };
  const take = () => {
    editor.change(t("inspector.doesDelete", { name: of }), remove(editor.store.getState().doc, [wireId(slug)], {}, kinds).ops);
    go({ open: "" });
  };
  const own = problemsAt(problems, `connections.${slug}`).filter((p) => !/\.(limit|expire|input|output)/.test(p.path));
  return (
    <Panel title={t("inspector.wire")} under={slug}>
      <div className={form.form}>
        {own.length > 0 && <div role="alert" className={form.alert}>{own.map((p, i) => <p key={`${p.code} ${i}`}>{text(p)}</p>)}</div>}
        <dl className={styles.ends}>
          <dt>{t("inspector.wireFrom")}</dt>
          <dd><Button kind="link" onClick={() => go({ open: wire.from, tab: "" })}>{name(wire.from)}</Button></dd>
          <dt>{t("inspector.wireTo")}</dt>
          <dd><Button kind="link" onClick={() => go({ open: wire.to, tab: "" })}>{name(wire.to)}</Button></dd>
          <WireCounts slug={slug} />
        </dl>
        <div className={form.actions}>
          <Button icon={<ListTree size={14} aria-hidden="true" />} onClick={() => go({ drawer: "queue", wire: slug, item: "" })}>{t("inspector.openQueue")}</Button>
          <Button kind="danger" icon={<Trash2 size={14} aria-hidden="true" />} onClick={take}>{t("inspector.delete")}</Button>
        </div>
        <Field label={t("inspector.wireOutputs")} errors={problemsAt(problems, `connections.${slug}.output`).map(text)}>
          {(ids) => (
            <fieldset id={ids.id} aria-labelledby={ids["aria-labelledby"]} aria-describedby={ids["aria-describedby"]} className={styles.checks}>
              {outputs.map((o) => (
                <label key={o} className={styles.check}>
                  <input type="checkbox" checked={carried.includes(o)} disabled={carried.length === 1 && carried.includes(o)} onChange={(e) => carry(o, e.target.checked)} /> {o}
                </label>
              ))}
            </fieldset>
          )}
        </Field>
        {(inputs.length > 1 || (wire.input ?? "") !== "") && (
          <PathControl path={["connections", slug, "input"]} of={of} label={t("inspector.wireInput")}>
            {(value, set, ids) => <Select {...ids} value={typeof value === "string" ? value : ""} onChange={(v) => set(v === "" ? undefined : v)} options={inputs.map((i) => ({ value: i.name, label: i.name === "" ? t("inspector.defaultInput") : i.name }))} />}
          </PathControl>
        )}
        <PathField path={["connections", slug, "limit", "flowfiles"]} of={of} label={t("inspector.limitFiles")} placeholder="10000" number />
        <PathField path={["connections", slug, "limit", "bytes"]} of={of} label={t("inspector.limitBytes")} doc={t("inspector.limitDoc")} placeholder="1GB" mono />
        {(mode === "continuous" || wire.expire !== undefined) && <PathField path={["connections", slug, "expire"]} of={of} label={t("inspector.expire")} doc={t("inspector.expireDoc")} placeholder="1h" mono />}
      </div>
    </Panel>
  );
}
