import { X } from "lucide-react";
import { type ReactNode, useEffect, useEffectEvent, useState } from "react";
import { t } from "../words";
import { IconButton } from "./IconButton";
import styles from "./Toast.module.css";

export interface Note {
  id: string | number;
  text: ReactNode;
  tone?: "plain" | "red";
  action?: ReactNode;
}

/** lasts is how long a plain note stays when nobody points at it, in milliseconds. */
export const lasts = 6000;

/** Toasts says what happened, below the canvas; failures are read at once and stay, the rest when there is a pause, for a while. */
export function Toasts({ notes, onClose }: { notes: readonly Note[]; onClose: (id: Note["id"]) => void }) {
  const list = (red: boolean) => notes.filter((n) => (n.tone === "red") === red).map((n) => <Toast key={n.id} note={n} onClose={() => onClose(n.id)} />);
  return (
    <div className={styles.corner}>
      <output className={styles.stack}>{list(false)}</output>
      <div role="alert" className={styles.stack}>{list(true)}</div>
    </div>
  );
}

function Toast({ note, onClose }: { note: Note; onClose: () => void }) {
  const [held, setHeld] = useState(false);
  const end = useEffectEvent(onClose);
  const stays = held || note.tone === "red";
  useEffect(() => {
    if (stays) return;
    const timer = setTimeout(() => end(), lasts);
    return () => clearTimeout(timer);
  }, [stays]);
  return (
    <div className={styles.toast} data-tone={note.tone} onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)} onFocus={() => setHeld(true)} onBlur={() => setHeld(false)}>
      <div className={styles.text}>{note.text}</div>
      {note.action}
      <IconButton label={t("app.close")} onClick={onClose}><X size={14} aria-hidden="true" /></IconButton>
    </div>
  );
}
