import { usePlace } from "../lib/place";
import { useDraft } from "../editor/context";
import { EndUnused } from "../form/EndUnused";
import { useText } from "../api/words";
import { tabOfPath } from "../inspector/tabs";
import { t } from "../words";
import styles from "./Problems.module.css";

const ownerOf = (path: string) => {
  const [, area, slug] = /^\/?(nodes|connections)[./]([^./]+)/.exec(path) ?? [];
  return slug === undefined ? "" : area === "connections" ? `wire:${slug}` : slug;
};

/** Problems lists what keeps the draft from being published; each leads to its place. */
export function Problems() {
  const problems = useDraft((s) => s.problems);
  const text = useText();
  const [, go] = usePlace();
  if (problems.length === 0) return <p className={styles.none}>{t("app.noProblems")}</p>;
  return (
    <>
    <div className={styles.verbs}><EndUnused /></div>
    <ul className={styles.list}>
      {problems.map((p, i) => (
        <li key={`${p.path} ${p.code} ${i}`}>
          <button className={styles.row} onClick={() => go({ open: ownerOf(p.path), tab: tabOfPath(p.path) })}>
            <span className={styles.mark} aria-hidden="true">!</span>
            <code className={styles.path}>{p.path}</code>
            <span>{text(p)}</span>
          </button>
        </li>
      ))}
    </ul>
    </>
  );
}
