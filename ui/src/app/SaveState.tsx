import { Check, CircleAlert, CloudOff, LoaderCircle } from "lucide-react";
import { useText } from "../api/words";
import { useDraft } from "../editor/context";
import { t } from "../words";
import styles from "./SaveState.module.css";

const icons = { saved: Check, saving: LoaderCircle, offline: CloudOff, refused: CircleAlert } as const;

/** SaveState says whether what is on the screen is with the server. */
export function SaveState() {
  const saving = useDraft((s) => s.saving);
  const refusal = useDraft((s) => s.refusal);
  const version = useDraft((s) => s.version);
  const differs = useDraft((s) => s.differs);
  const text = useText();
  const save = saving === "refused" && refusal !== undefined ? t("app.refused", { text: text(refusal) }) : t(`app.${saving === "refused" ? "saved" : saving}`);
  const stands = version === 0 ? t("app.unpublished") : differs ? `${t("app.draft")} · ${t("app.inForce", { n: version })}` : t("app.inForce", { n: version });
  const Icon = icons[saving];
  return (
    <span className={styles.state} title={`${save} · ${stands}`}>
      <span className={styles.save} data-state={saving}>
        <Icon size={15} aria-hidden="true" className={styles.icon} />
        <span className={styles.text} role="status">{save}</span>
      </span>
      <span className={styles.version}>{stands}</span>
    </span>
  );
}
