import { FlaskConical } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { Failure } from "../api/client";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Field } from "../ds/Field";
import { composing, TextInput } from "../ds/TextInput";
import { Trouble } from "../ds/Trouble";
import { t } from "../words";
import { asFailure, askScript, fieldOf, type Name, nobody, type Project, sandbox } from "./connect";
import styles from "./Connect.module.css";

const asked = [
  { name: "project", label: "connect.project.id", doc: "connect.project.doc", example: "my-company-prod" },
  { name: "property", label: "connect.property", doc: "connect.property.doc", example: "412345678" },
  { name: "dataset", label: "connect.dataset", doc: "connect.dataset.doc", example: "analytics" },
  { name: "location", label: "connect.location", doc: "connect.location.doc", example: "asia-northeast3" },
] as const;

const more = [
  { name: "database", label: "connect.database", doc: "connect.database.doc", example: "(default)" },
  { name: "impersonate", label: "connect.impersonate", doc: "connect.impersonate.doc", example: "" },
  { name: "key", label: "connect.key", doc: "connect.key.doc", example: "gcp-key" },
] as const;

/** ConnectProject asks which project it is; the server says at once what cannot be meant. */
export function ConnectProject({ first, onDone }: { first: Project | undefined; onDone: (p: Project) => void }) {
  const [p, setProject] = useState<Project>(first?.endpoint === "" ? first : nobody);
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const text = useText();
  const wrong = failure === undefined ? undefined : fieldOf(failure);
  const missing = asked.filter(({ name }) => p[name].trim() === "");
  const go = async (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    try {
      const trimmed = Object.fromEntries(Object.entries(p).map(([k, v]) => [k, v.trim()])) as Project;
      await askScript(trimmed);
      onDone(trimmed);
    } catch (err) {
      setFailure(asFailure(err));
    } finally {
      setBusy(false);
    }
  };
  const field = ({ name, label, doc, example }: { name: Name; label: Parameters<typeof t>[0]; doc: Parameters<typeof t>[0]; example: string }, required: boolean) => (
    <Field key={name} label={t(label)} doc={t(doc)} required={required} errors={wrong === name && failure !== undefined ? [text(failure)] : []}>
      {(ids) => (
        <TextInput {...ids} value={p[name]} placeholder={example} inputMode={name === "property" ? "numeric" : undefined}
          onKeyDown={(e) => e.key === "Enter" && composing(e) && e.preventDefault()}
          onChange={(e) => {
            setProject({ ...p, [name]: e.target.value });
            if (wrong === name) setFailure(undefined);
          }} />
      )}
    </Field>
  );
  return (
    <form className={styles.body} onSubmit={(e) => void go(e)} noValidate>
      <div className={styles.fields}>{asked.map((f) => field(f, true))}</div>
      <details className={styles.more} open={more.some(({ name }) => p[name] !== "") || undefined}>
        <summary>{t("connect.more")}</summary>
        <div className={styles.fields}>{more.map((f) => field(f, false))}</div>
      </details>
      {failure !== undefined && wrong === undefined && <Trouble text={text(failure)} />}
      <div className={styles.actions}>
        <Button type="submit" kind="primary" busy={busy} disabled={missing.length > 0}>{t("connect.go")}</Button>
        <Button icon={<FlaskConical size={15} aria-hidden="true" />} onClick={() => onDone(sandbox)}>{t("connect.sandbox")}</Button>
        <span className={styles.aside}>{t("connect.sandbox.doc")}</span>
      </div>
    </form>
  );
}
