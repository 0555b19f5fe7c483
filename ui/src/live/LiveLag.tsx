import { t } from "../words";
import { useLink } from "./hooks";
import styles from "./LiveLag.module.css";

/** LiveLag tells how old the numbers are, and never shows frozen ones as live. */
export function LiveLag() {
  const link = useLink();
  const stale = link.stale > 0;
  return (
    <span className={stale ? styles.stale : styles.live} role="status" aria-live="off" title={t(stale ? "runs.staleWhy" : "runs.liveWhy", { n: link.dropped })}>
      <span className={styles.dot} aria-hidden="true" />
      {stale ? t("runs.stale", { s: link.stale }) : t("runs.live", { s: link.lag / 1000 })}
    </span>
  );
}
