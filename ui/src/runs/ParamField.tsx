import { Field } from "../ds/Field";
import { Select } from "../ds/Select";
import { TextInput } from "../ds/TextInput";
import { t } from "../words";

/** Param is a parameter as a flow file declares it. */
export interface Param {
  type: string;
  doc?: string;
  default?: unknown;
}

const forms: Record<string, { type: string; mode?: "numeric" | "decimal"; example: string }> = {
  int: { type: "text", mode: "numeric", example: "42" }, float: { type: "text", mode: "decimal", example: "0.5" },
  date: { type: "date", example: "" }, duration: { type: "text", example: "1h30m" }, string: { type: "text", example: "" },
};

/** ParamField asks for a parameter by its type; left empty it is what the flow says. */
export function ParamField({ name, param, value, error, onChange }: { name: string; param: Param; value: string; error?: string; onChange: (value: string) => void }) {
  const set = param.default !== undefined && param.default !== null;
  const std = set ? t("runs.paramDefault", { value: String(param.default) }) : "";
  const form = forms[param.type] ?? { type: "text", example: "" };
  return (
    <Field label={name} doc={[param.doc ?? "", form.type === "date" ? std : ""].filter((x) => x !== "").join(" ")} required={!set} errors={error === undefined ? [] : [error]}>
      {(ids) => param.type === "bool" ? (
        <Select {...ids} value={value} onChange={onChange} options={[{ value: "", label: set ? std : "–" }, { value: "true", label: t("runs.yes") }, { value: "false", label: t("runs.no") }]} />
      ) : (
        <TextInput {...ids} type={form.type} inputMode={form.mode} placeholder={set ? std : form.example} value={value} onChange={(e) => onChange(e.target.value)} />
      )}
    </Field>
  );
}
