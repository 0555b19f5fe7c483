import type { Run } from "../api/runs";
import { t } from "../words";
import styles from "./RunsDrawer.module.css";

/** Replaces lists the outputs of a slot's run that a new one writes over. */
export function Replaces({ run, maybe }: { run: Run | undefined; maybe?: boolean }) {
  const list = run?.receipts ?? [];
  if (list.length === 0) return <p>{t("runs.replacesNothing")}</p>;
  return (
    <>
      <p>{t("runs.replaces")} {maybe === true && t("runs.replacesMaybe")}</p>
      <ul className={styles.list2}>{list.slice(0, 12).map((r) => <li key={`${r.node} ${r.key}`}>{r.key} · {t("runs.rowsOf", { n: r.rows.toLocaleString("en") })}</li>)}</ul>
    </>
  );
}
