import type { RunView } from "../api/runs";
import { useText } from "../api/words";
import { useDraft } from "../editor/context";
import { t } from "../words";
import styles from "./RunsDrawer.module.css";

function Group({ title, facts }: { title: string; facts: Record<string, string> }) {
  return (
    <section>
      <h4>{title}</h4>
      <dl>
        {Object.entries(facts).map(([name, value]) => <div key={name} className={styles.fact}><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
    </section>
  );
}

/** Facts tells what is worth knowing of a run: warnings, parameters, counts made elsewhere, facts of its nodes. */
export function Facts({ view }: { view: RunView }) {
  const text = useText();
  const nodes = useDraft((s) => s.doc.nodes);
  const { run, reconciled = [] } = view;
  const warnings = run.warnings ?? [];
  const nothing = warnings.length === 0 && reconciled.length === 0 && Object.keys(run.facts ?? {}).length === 0 && Object.keys(run.params ?? {}).length === 0;
  if (nothing) return <p className={`${styles.content} ${styles.none}`}>{t("runs.noFacts")}</p>;
  return (
    <div className={styles.content}>
      {warnings.length > 0 && (
        <section>
          <h4>{t("runs.warnings")}</h4>
          <ul className={styles.list2}>{warnings.map((w, i) => <li key={`${w.code} ${i}`}>{text(w)}</li>)}</ul>
        </section>
      )}
      {reconciled.length > 0 && (
        <section>
          <h4>{t("runs.reconciled")}</h4>
          <ul className={styles.list2}>
            {reconciled.map((line) => (
              <li key={line.from.join(" ")}>
                {line.terms.map((term) => `${term.who} ${term.rows.toLocaleString("en")}`).join(" · ")}{" "}
                {line.equal ? t("runs.agree") : <b className={styles.bad}>{t("runs.differ")}</b>}
              </li>
            ))}
          </ul>
        </section>
      )}
      <div className={styles.facts}>
        {Object.keys(run.params ?? {}).length > 0 && <Group title={t("runs.parameters")} facts={run.params ?? {}} />}
        {Object.entries(run.facts ?? {}).map(([node, facts]) => <Group key={node} title={nodes[node]?.name ?? node} facts={facts} />)}
      </div>
    </div>
  );
}
