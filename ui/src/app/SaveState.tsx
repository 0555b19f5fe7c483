import { useText } from "../api/words";
import { useDraft } from "../editor/context";
import { t } from "../words";
import styles from "./SaveState.module.css";

/** SaveState says whether what is on the screen is with the server. */
export function SaveState() {
  const saving = useDraft((s) => s.saving);
  const refusal = useDraft((s) => s.refusal);
  const version = useDraft((s) => s.version);
  const differs = useDraft((s) => s.differs);
  const text = useText();
  const save = saving === "refused" && refusal !== undefined ? t("app.refused", { text: text(refusal) }) : t(`app.${saving === "refused" ? "saved" : saving}`);
  return (
    <span className={styles.state}>
      <span className={styles.save} data-state={saving} role="status">{save}</span>
      <span className={styles.version}>{version === 0 ? t("app.unpublished") : differs ? `${t("app.draft")} · ${t("app.inForce", { n: version })}` : t("app.inForce", { n: version })}</span>
    </span>
  );
}
