import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { call, Failure, path } from "../api/client";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Field } from "../ds/Field";
import { Select } from "../ds/Select";
import { composing, TextArea, TextInput } from "../ds/TextInput";
import { t } from "../words";
import { useSecrets } from "./form";
import styles from "./form.module.css";
import type { ControlProps } from "./TextControl";

const fresh = "+new";

/** secretOf returns the name of the secret that a value refers to. */
export const secretOf = (v: unknown): string => {
  const name = typeof v === "object" && v !== null ? (v as { secret?: unknown }).secret : undefined;
  return typeof name === "string" ? name : "";
};

/** SecretControl names a secret; the flow file never holds more than its name. */
export function SecretControl({ value, onCommit, ids }: Pick<ControlProps, "value" | "onCommit" | "ids">) {
  const secrets = useSecrets();
  const [sealing, setSealing] = useState<{ name: string; old: boolean }>();
  const name = secretOf(value);
  const missing = name !== "" && secrets !== undefined && !secrets.includes(name);
  const options = [{ value: "", label: t("inspector.secretChoose") }, ...(secrets ?? []).map((s) => ({ value: s, label: s })), { value: fresh, label: t("inspector.secretNew") }];
  return (
    <>
      <Select {...ids} value={name} options={options} onChange={(v) => (v === fresh ? setSealing({ name: "", old: false }) : onCommit(v === "" ? undefined : { secret: v }))} />
      {sealing === undefined && name !== "" && (
        <div className={styles.param}>
          {missing && <span className={styles.error}>{t("inspector.secretMissing", { name })}</span>}
          <Button kind="link" size="small" onClick={() => setSealing({ name, old: true })}>{t(missing ? "inspector.secretSet" : "inspector.secretReplace")}</Button>
        </div>
      )}
      {sealing !== undefined && (
        <SealSecret name={sealing.name} fixed={sealing.old} onDone={(sealed) => {
          setSealing(undefined);
          if (sealed !== undefined && sealed !== name) onCommit({ secret: sealed });
        }} />
      )}
    </>
  );
}

/** SealSecret takes a secret's value to the server and forgets it. */
export function SealSecret({ name: given, fixed, onDone }: { name: string; fixed: boolean; onDone: (name?: string) => void }) {
  const queries = useQueryClient();
  const text = useText();
  const id = useId();
  const [name, setName] = useState(given);
  const [value, setValue] = useState("");
  const [state, setState] = useState<{ busy?: boolean; failure?: Failure }>({});
  const seal = async () => {
    setState({ busy: true });
    try {
      const now = await call<{ secrets: string[] }>("PUT", path(["secrets", name]), { value });
      setValue("");
      queries.setQueryData(["secrets"], now.secrets);
      onDone(name);
    } catch (e) {
      setState({ failure: e instanceof Failure ? e : new Failure(0, { code: "server_unreachable" }) });
    }
  };
  return (
    <fieldset className={styles.box} aria-labelledby={`${id}-why`}>
      <p id={`${id}-why`} className={styles.hint}>{t("inspector.secretNever")}</p>
      {!fixed && (
        <Field label={t("inspector.secretName")} required>
          {(ids) => <TextInput {...ids} autoFocus value={name} onChange={(e) => setName(e.target.value)} placeholder="gcp-key" />}
        </Field>
      )}
      <Field label={t("inspector.secretValue")} required errors={state.failure === undefined ? [] : [text(state.failure)]}>
        {(ids) => (value.includes("\n") ? (
          <TextArea {...ids} className={styles.hidden} value={value} onChange={(e) => setValue(e.target.value)} />
        ) : (
          <TextInput {...ids} type="password" autoComplete="new-password" autoFocus={fixed} value={value} onChange={(e) => setValue(e.target.value)}
            onPaste={(e) => {
              // A line cannot hold a key file: take it whole before the input cuts it.
              const pasted = e.clipboardData.getData("text");
              if (!pasted.includes("\n")) return;
              e.preventDefault();
              setValue(pasted);
            }}
            onKeyDown={(e) => e.key === "Enter" && !composing(e) && value !== "" && void seal()} />
        ))}
      </Field>
      <div className={styles.actions}>
        <Button kind="primary" size="small" busy={state.busy} disabled={name === "" || value === ""} onClick={() => void seal()}>{t("inspector.secretSave")}</Button>
        <Button kind="quiet" size="small" onClick={() => onDone()}>{t("app.cancel")}</Button>
      </div>
    </fieldset>
  );
}
