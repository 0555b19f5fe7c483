import { X } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "../words";
import { IconButton } from "./IconButton";
import styles from "./Toast.module.css";

export interface Note {
  id: string | number;
  text: ReactNode;
  tone?: "plain" | "red";
  action?: ReactNode;
}

/** Toasts says what happened, in a corner; failures are read at once, the rest when there is a pause. */
export function Toasts({ notes, onClose }: { notes: readonly Note[]; onClose: (id: Note["id"]) => void }) {
  const list = (red: boolean) =>
    notes.filter((n) => (n.tone === "red") === red).map((n) => (
      <div key={n.id} className={styles.toast} data-tone={n.tone}>
        <div className={styles.text}>{n.text}</div>
        {n.action}
        <IconButton label={t("app.close")} onClick={() => onClose(n.id)}><X size={14} aria-hidden="true" /></IconButton>
      </div>
    ));
  return (
    <div className={styles.corner}>
      <output className={styles.stack}>{list(false)}</output>
      <div role="alert" className={styles.stack}>{list(true)}</div>
    </div>
  );
}
