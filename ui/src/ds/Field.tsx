import { type ReactNode, useId } from "react";
import styles from "./Field.module.css";

/** FieldIds tie a control to its label, its explanation and its error. */
export interface FieldIds {
  id: string;
  "aria-labelledby": string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
  "aria-required": true | undefined;
}

export interface FieldProps {
  label: string;
  /** doc explains; it is shown below the label and read with the control. */
  doc?: ReactNode;
  errors?: readonly string[];
  warnings?: readonly string[];
  required?: boolean;
  /** side stands at the end of the label's line: a menu, a button. */
  side?: ReactNode;
  /** inline puts the control beside the label: for switches. */
  inline?: boolean;
  children: (ids: FieldIds) => ReactNode;
}

/** Field is a label, a control, what it means and what is wrong with it. */
export function Field({ label, doc, errors = [], warnings = [], required, side, inline, children }: FieldProps) {
  const id = useId();
  const told = [doc === undefined || doc === "" ? "" : `${id}-doc`, errors.length + warnings.length > 0 ? `${id}-error` : ""].filter((x) => x !== "").join(" ");
  const control = children({
    id, "aria-labelledby": `${id}-label`, "aria-describedby": told === "" ? undefined : told,
    "aria-invalid": errors.length > 0 || undefined, "aria-required": required === true || undefined,
  });
  return (
    <div className={styles.field} data-invalid={errors.length > 0 || undefined}>
      <div className={styles.line}>
        <label id={`${id}-label`} htmlFor={id} className={styles.label}>{label}</label>
        {required === true && <span className={styles.required} aria-hidden="true">*</span>}
        <span className={styles.gap} />
        {side}
        {inline === true && control}
      </div>
      {inline !== true && control}
      {(errors.length > 0 || warnings.length > 0) && (
        <div id={`${id}-error`} className={styles.errors}>
          {errors.map((e) => <p key={e} className={styles.error}>{e}</p>)}
          {warnings.map((w) => <p key={w} className={styles.warning}>{w}</p>)}
        </div>
      )}
      {told.includes("-doc") && <div id={`${id}-doc`} className={styles.doc}>{doc}</div>}
    </div>
  );
}
