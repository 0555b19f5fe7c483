import { useState } from "react";
import { Button } from "../ds/Button";
import { Field } from "../ds/Field";
import { Select } from "../ds/Select";
import { composing, TextInput } from "../ds/TextInput";
import { useDraft, useEditor } from "../editor/context";
import { t } from "../words";
import { pathOf, freeName } from "./settings";
import { useForm } from "./form";
import styles from "./form.module.css";
import { SettingsForm } from "./SettingsForm";
import type { ControlProps } from "./TextControl";

const fresh = "+new";
const slug = /^[a-z][a-z0-9-]{0,62}$/;

/** ServiceControl names a service of the flow, and makes one in place. */
export function ServiceControl({ property, value, onCommit, ids }: ControlProps) {
  const { kinds, owner } = useForm();
  const editor = useEditor();
  const services = useDraft((s) => s.doc.services);
  const kind = property.service ?? "";
  const chosen = typeof value === "string" ? value : "";
  const [naming, setNaming] = useState<string>();
  const fitting = Object.entries(services ?? {}).filter(([, s]) => kind === "" || s.kind === kind);
  const options = [{ value: "", label: t("inspector.serviceChoose") }, ...fitting.map(([s]) => ({ value: s, label: s })), { value: fresh, label: t("inspector.serviceNew", { kind }) }];
  const bad = naming !== undefined && naming !== "" && (!slug.test(naming) || services?.[naming] !== undefined);
  const make = () => {
    if (naming === undefined || naming === "" || bad) return;
    editor.change(t("inspector.doesService", { name: naming }), [{ path: ["services", naming], value: { kind } }, { path: pathOf(owner, property.key), value: naming }]);
    setNaming(undefined);
  };
  const service = chosen === "" ? undefined : services?.[chosen];
  return (
    <>
      <Select {...ids} value={chosen} options={options} onChange={(v) => (v === fresh ? setNaming(freeName(kind.toLowerCase().startsWith("google") ? "gcp" : "service", services)) : onCommit(v === "" ? undefined : v))} />
      {naming !== undefined && (
        <div className={styles.box}>
          <Field label={t("inspector.serviceName")} required errors={bad ? [t("inspector.nameBad")] : []}>
            {(n) => <TextInput {...n} autoFocus value={naming} onChange={(e) => setNaming(e.target.value)} onKeyDown={(e) => e.key === "Enter" && !composing(e) && make()} />}
          </Field>
          <div className={styles.actions}>
            <Button kind="primary" size="small" disabled={bad || naming === ""} onClick={make}>{t("inspector.serviceCreate")}</Button>
            <Button kind="quiet" size="small" onClick={() => setNaming(undefined)}>{t("app.cancel")}</Button>
          </div>
        </div>
      )}
      {service !== undefined && (
        <details className={styles.more}>
          <summary>{t("inspector.serviceEdit", { name: chosen })}</summary>
          <div className={styles.box}>
            <SettingsForm owner={{ area: "services", slug: chosen }} kinds={kinds} />
          </div>
        </details>
      )}
    </>
  );
}
