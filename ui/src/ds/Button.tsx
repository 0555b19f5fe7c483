import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Spinner } from "./Spinner";
import styles from "./Button.module.css";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** kind is how much the button stands out: "primary" once a view at most. */
  kind?: "plain" | "primary" | "danger" | "quiet" | "link";
  size?: "small" | "normal";
  icon?: ReactNode;
  /** busy shows that the work asked for is going on; the button is off meanwhile. */
  busy?: boolean;
}

/** Button is a verb with words. */
export function Button({ kind = "plain", size = "normal", icon, busy, disabled, children, className, type, ...rest }: ButtonProps) {
  return (
    <button type={type ?? "button"} data-kind={kind} data-size={size} aria-busy={busy || undefined} disabled={disabled === true || busy === true}
      className={className === undefined ? styles.button : `${styles.button} ${className}`} {...rest}>
      {busy === true ? <Spinner /> : icon}
      {children}
    </button>
  );
}
