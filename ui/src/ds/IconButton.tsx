import type { ButtonHTMLAttributes, ReactNode } from "react";
import styles from "./IconButton.module.css";

/** IconButton is a verb drawn as an icon; its label is read and shown on hover. */
export function IconButton({ label, children, className, type, ...rest }: ButtonHTMLAttributes<HTMLButtonElement> & { label: string; children: ReactNode }) {
  return (
    <button type={type ?? "button"} aria-label={label} title={label} className={className === undefined ? styles.button : `${styles.button} ${className}`} {...rest}>
      {children}
    </button>
  );
}
