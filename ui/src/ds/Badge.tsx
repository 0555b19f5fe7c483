import type { ReactNode } from "react";
import styles from "./Badge.module.css";

/** Badge is a word of state; its tone repeats what the word says. */
export function Badge({ tone = "plain", children }: { tone?: "plain" | "run" | "amber" | "red" | "accent"; children: ReactNode }) {
  return <span className={styles.badge} data-tone={tone}>{children}</span>;
}
