import type { Blocker } from "../api/runs";
import { useText } from "../api/words";
import { t } from "../words";
import { noteOf } from "./blockers";
import styles from "./RunsDrawer.module.css";

/** Waits lists exactly what an unfinished run waits for. */
export function Waits({ waits }: { waits: readonly Blocker[] }) {
  const text = useText();
  return (
    <div className={styles.content}>
      <ol className={styles.list2} aria-label={t("runs.tabWhy")}>
        {waits.map((b, i) => <li key={`${b.node ?? ""} ${b.conn ?? ""} ${i}`}>{text(noteOf(b))}</li>)}
      </ol>
    </div>
  );
}
