import { useDraft } from "../editor/context";
import { usePlace } from "../lib/place";
import { t } from "../words";
import styles from "./StatusTotals.module.css";

/** StatusTotals counts the nodes by state, what is queued, and the problems. */
export function StatusTotals({ flow }: { flow: string }) {
  const problems = useDraft((s) => s.problems.length);
  const [, go] = usePlace();
  return (
    <span className={styles.totals} data-flow={flow}>
      {problems > 0 && (
        <button className={styles.problems} onClick={() => go({ drawer: "problems" })}>
          <span aria-hidden="true">!</span> {t("app.problems", { n: problems })}
        </button>
      )}
    </span>
  );
}
