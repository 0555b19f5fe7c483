import type { SelectHTMLAttributes } from "react";
import styles from "./Select.module.css";

export interface Choice {
  value: string;
  label: string;
  disabled?: boolean;
}

export interface SelectProps extends Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange" | "value"> {
  value: string;
  options: readonly Choice[];
  onChange: (value: string) => void;
}

/** Select is the platform's own list of choices: every reader and phone knows it. A value that is no option is kept and shown. */
export function Select({ value, options, onChange, className, ...rest }: SelectProps) {
  return (
    <select className={className === undefined ? styles.select : `${styles.select} ${className}`} value={value} onChange={(e) => onChange(e.target.value)} {...rest}>
      {!options.some((o) => o.value === value) && <option value={value}>{value}</option>}
      {options.map((o) => <option key={o.value} value={o.value} disabled={o.disabled}>{o.label}</option>)}
    </select>
  );
}
