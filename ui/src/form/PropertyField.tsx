import { MoreHorizontal } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Property } from "../api/kinds";
import { useText } from "../api/words";
import type { Op, Problem } from "../api/wire";
import { Field, type FieldIds } from "../ds/Field";
import { Prose } from "../ds/Prose";
import { IconButton } from "../ds/IconButton";
import { Menu, type MenuItem } from "../ds/Menu";
import { Select } from "../ds/Select";
import { Switch } from "../ds/Switch";
import { useDraft, useEditor } from "../editor/context";
import { useSteady } from "../lib/steady";
import { t } from "../words";
import { CodeControl } from "./CodeControl";
import { useForm } from "./form";
import styles from "./form.module.css";
import { ListControl } from "./ListControl";
import { MapControl } from "./MapControl";
import { renameOutput } from "./outputs";
import { SchemaControl } from "./SchemaControl";
import { SecretControl } from "./SecretControl";
import { ServiceControl } from "./ServiceControl";
import { freeName, idled, isParameter, parameterOf, parameterType, pathOf, textOf, valueOf } from "./settings";
import { type ControlProps, TextControl } from "./TextControl";

function boundsOf(p: Property): string {
  const { min, max } = p;
  if (min !== undefined && max !== undefined) return t("inspector.between", { min, max });
  if (min !== undefined) return t("inspector.atLeast", { min });
  return max === undefined ? "" : t("inspector.atMost", { max });
}

/** control returns what edits a property of a type, given a value of that type. */
function control(props: ControlProps): ReactNode {
  const { property: p, value, onCommit, ids } = props;
  const text = textOf(p, value);
  const onText = (s: string) => onCommit(valueOf(p, s));
  const odd = typeof value === "string" && text !== "";
  switch (p.type) {
    case "bool":
      return odd ? <TextControl property={p} text={text} onText={onText} ids={ids} />
        : <Switch {...ids} checked={value === undefined ? p.default === "true" : value === true} onChange={(on) => onCommit(String(on) === (p.default ?? "false") ? undefined : on)} />;
    case "choice": {
      if (isParameter(value)) return <TextControl property={p} text={text} onText={onText} ids={ids} />;
      const unset = p.default !== undefined && p.default !== "" ? t("inspector.default", { value: p.default }) : t("inspector.unset");
      const chosen = p.choices?.find((c) => c.value === (text === "" ? p.default : text));
      return (
        <>
          <Select {...ids} value={text} onChange={onText} options={[{ value: "", label: unset }, ...(p.choices ?? []).map((c) => ({ value: c.value, label: c.value }))]} />
          {chosen !== undefined && <p className={`${styles.hint} ${styles.choiceDoc}`}><Prose text={chosen.doc} /></p>}
        </>
      );
    }
    case "list":
      return odd ? <TextControl property={p} text={text} onText={onText} ids={ids} /> : <ListControl {...props} />;
    case "map":
    case "expression_map":
      return odd ? <TextControl property={p} text={text} onText={onText} ids={ids} /> : <MapControl {...props} />;
    case "schema":
      return <SchemaControl {...props} />;
    case "secret":
      return <SecretControl {...props} />;
    case "service":
      return <ServiceControl {...props} />;
    case "text":
      return <CodeControl property={p} text={text} onText={onText} ids={ids} />;
    default:
      return <TextControl property={p} text={text} onText={onText} ids={ids} />;
  }
}

function useActions(p: Property, value: unknown, set: (v: unknown) => void): MenuItem[] {
  const { owner } = useForm();
  const editor = useEditor();
  const parameters = useDraft((s) => s.doc.parameters);
  const type = parameterType(p);
  const items: MenuItem[] = [];
  const named = parameterOf(value);
  if (value !== undefined) items.push({ id: "reset", label: t(p.default === undefined || p.default === "" ? "inspector.remove" : "inspector.reset"), onSelect: () => set(undefined) });
  if (type === undefined) return items;
  if (named === undefined) {
    items.push({
      id: "make", label: t("inspector.makeParameter"),
      onSelect: () => {
        const name = freeName(p.key, editor.store.getState().doc.parameters);
        const start = value ?? (p.default === undefined || p.default === "" ? undefined : valueOf(p, p.default));
        const parameter = { type, ...(p.doc === "" ? {} : { doc: p.doc }), ...(start === undefined ? {} : { default: start }) };
        editor.change(t("inspector.doesParameter", { property: p.label }), [{ path: ["parameters", name], value: parameter }, { path: pathOf(owner, p.key), value: `#{${name}}` }]);
      },
    });
  } else items.push({ id: "value", label: t("inspector.useValue"), onSelect: () => set(parameters?.[named]?.default) });
  for (const [name, q] of Object.entries(parameters ?? {}).slice(0, 12)) {
    if (name !== named && (q.type === type || type === "string")) items.push({ id: `use ${name}`, label: t("inspector.useParameter", { name: `#{${name}}` }), onSelect: () => set(`#{${name}}`) });
  }
  return items;
}

/** PropertyField is one property: its label, control, meaning and what is wrong with it. */
export function PropertyField({ property: p, value, problems, stray }: { property: Property; value: unknown; problems: readonly Problem[]; stray?: boolean }) {
  const { owner, also, name, kind } = useForm();
  const editor = useEditor();
  const text = useText();
  // What the property means stands below it already.
  const brief = (x: Problem) => (x.code === "setting_missing" ? t("inspector.missing", { example: String(x.args?.["example"] ?? "") }) : text(x));
  const set = (next: unknown) => {
    const { doc } = editor.store.getState();
    const entry = doc[owner.area]?.[owner.slug];
    // What it belonged to went while this was typed.
    if (entry === undefined) return editor.say("inspector.gone");
    const owners = [owner, ...(also ?? []).map((slug) => ({ ...owner, slug }))].filter((o) => doc[o.area]?.[o.slug] !== undefined);
    const label = owners.length > 1 ? t("inspector.doesSeveral", { property: p.label, n: owners.length }) : t(next === undefined ? "inspector.doesReset" : "inspector.does", { property: p.label, name });
    const ops = owners.map((o): Op => (next === undefined ? { path: pathOf(o, p.key) } : { path: pathOf(o, p.key), value: next }));
    for (const o of owners) {
      ops.push(...idled(kind.properties ?? [], doc[o.area]?.[o.slug]?.settings ?? {}, p, next).map((key): Op => ({ path: pathOf(o, key) })));
    }
    if (kind.outputs_from === p.key && owner.area === "nodes") ops.push(...renameOutput(doc, owner.slug, value, next));
    editor.change(label, ops);
  };
  const actions = useActions(p, value, set);
  const side = actions.length === 0 ? undefined : (
    <Menu label={t("inspector.actionsOf", { property: p.label })} items={actions} trigger={<IconButton label={t("inspector.actionsOf", { property: p.label })} className={styles.dots}><MoreHorizontal size={14} aria-hidden="true" /></IconButton>} />
  );
  const bounds = boundsOf(p);
  const doc = (
    <span className={styles.doc}>
      <Prose text={p.doc} /> {bounds !== "" && <span className={styles.bounds}>({bounds})</span>}
    </span>
  );
  const inline = p.type === "bool" && typeof value !== "string";
  // Its meaning is told at length while it has the focus; it is cut short only once the press that took the focus is over.
  const [within, setWithin] = useState(false);
  const told = useSteady(within);
  return (
    <div className={styles.field} data-property={p.key} data-told={told || undefined} onFocus={() => setWithin(true)} onBlur={(e) => e.currentTarget.contains(e.relatedTarget) || setWithin(false)}>
      <Field label={p.label} doc={doc} required={p.required} side={side} inline={inline} errors={problems.filter((x) => x.level !== "warning").map(brief)} warnings={[...problems.filter((x) => x.level === "warning").map(text), ...(stray === true ? [t("inspector.notApplies")] : [])]}>
        {(ids: FieldIds) => control({ property: p, value, onCommit: set, ids })}
      </Field>
    </div>
  );
}
