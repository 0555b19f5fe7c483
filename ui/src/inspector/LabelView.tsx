import { Field } from "../ds/Field";
import { Select } from "../ds/Select";
import { CommitArea } from "../ds/TextInput";
import { useDraft, useEditor } from "../editor/context";
import form from "../form/form.module.css";
import { PathControl } from "../form/PathField";
import { t } from "../words";
import { Panel } from "./Panel";

const colors = ["", "amber", "blue", "green", "red"] as const;
const names = { "": "inspector.colorPlain", amber: "inspector.colorAmber", blue: "inspector.colorBlue", green: "inspector.colorGreen", red: "inspector.colorRed" } as const;

/** LabelView is a note on the canvas. */
export function LabelView({ slug }: { slug: string }) {
  const editor = useEditor();
  const label = useDraft((s) => s.doc.labels?.[slug]);
  if (label === undefined) return <Panel title={t("inspector.label")}><p className={form.form}>{t("inspector.gone")}</p></Panel>;
  const write = (text: string) => {
    if (editor.store.getState().doc.labels?.[slug] !== undefined) editor.change(t("inspector.does", { property: t("inspector.labelText"), name: slug }), [{ path: ["labels", slug, "text"], value: text }]);
  };
  return (
    <Panel title={t("inspector.label")}>
      <div className={form.form}>
        <Field label={t("inspector.labelText")}>{(ids) => <CommitArea {...ids} rows={5} value={label.text} onCommit={write} />}</Field>
        <PathControl path={["labels", slug, "color"]} of={slug} label={t("inspector.labelColor")}>
          {(value, set, ids) => <Select {...ids} value={typeof value === "string" ? value : ""} onChange={(v) => set(v === "" ? undefined : v)} options={colors.map((c) => ({ value: c, label: t(names[c]) }))} />}
        </PathControl>
      </div>
    </Panel>
  );
}
