import { useEffect, useState } from "react";
import { composing, TextInput } from "../ds/TextInput";
import { t } from "../words";
import styles from "./FilterBox.module.css";

const pause = 400;

/** FilterBox filters a queue: after a pause, or at once on Enter, and never within a composed letter. */
export function FilterBox({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const [typed, setTyped] = useState(value);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held || typed.trim() === value) return undefined;
    const timer = setTimeout(() => onChange(typed.trim()), pause);
    return () => clearTimeout(timer);
  }, [typed, value, held, onChange]);
  return (
    <TextInput className={styles.filter} type="search" aria-label={t("queue.filter")} placeholder={t("queue.filter")} value={typed}
      onChange={(e) => setTyped(e.target.value)}
      onCompositionStart={() => setHeld(true)} onCompositionEnd={() => setHeld(false)}
      onKeyDown={(e) => {
        if (composing(e)) return;
        if (e.key === "Enter") onChange(typed.trim());
        if (e.key === "Escape" && typed !== "") {
          e.stopPropagation();
          setTyped("");
          onChange("");
        }
      }} />
  );
}
