import { useDraft } from "../editor/context";
import { Empty } from "../ds/Empty";
import { useWireRow } from "../live/hooks";
import { passedWords } from "../live/passed";
import { bytes, short } from "../lib/numbers";
import { usePlace } from "../lib/place";
import { t } from "../words";
import { ReadWritten } from "./WentOn";
import styles from "./WireList.module.css";

function WireLine({ flow, wire, from, to, inRun }: { flow: string; wire: string; from: string; to: string; inRun: boolean }) {
  const row = useWireRow(flow, wire);
  const [, go] = usePlace();
  const full = row?.[4] ?? 0;
  return (
    <tr data-full={full >= 100 ? "red" : full >= 80 ? "amber" : undefined}>
      <th scope="row">
        <button className={styles.wire} onClick={() => go({ wire, item: "" })}>{t("queue.ofWire", { from, to })}</button>
      </th>
      {inRun && <td className={styles.passed}>{row === undefined ? "–" : passedWords(row)}</td>}
      <td>{row === undefined ? "–" : short(row[1])}</td>
      <td>{row === undefined ? "–" : bytes(row[2])}</td>
      <td className={styles.fullness}>
        <span className={styles.gauge} aria-hidden="true"><i style={{ width: `${Math.min(full, 100)}%` }} /></span>
        {row === undefined ? "–" : t("queue.fullness", { n: full })}
        {row?.[7] === 1 && <b>{t("queue.blocks", { node: from })}</b>}
      </td>
    </tr>
  );
}

/** WireList lists the queues of a flow with what lies in them now. */
export function WireList({ flow, run, slot }: { flow: string; run: string; slot: string }) {
  const wires = useDraft((s) => s.doc.connections);
  const nodes = useDraft((s) => s.doc.nodes);
  // The live rows are those of the run that is chosen, not of the newest one.
  const inRun = usePlace()[0].run !== "";
  const list = Object.entries(wires ?? {});
  if (list.length === 0) return <Empty title={t("queue.noWires")}>{t("queue.noWiresWhat")}</Empty>;
  const name = (slug: string) => nodes[slug]?.name ?? slug;
  return (
    <div className={styles.list}>
      <p className={styles.which}>{run === "" ? t("queue.continuous") : t("queue.ofRun", { run: slot === "" ? run.slice(-6) : slot })}{run !== "" && <ReadWritten run={run} quiet />}</p>
      <table className={styles.table} aria-label={t("queue.wires")}>
        <thead>
          <tr><th scope="col">{t("queue.wire")}</th>{inRun && <th scope="col">{t("queue.passed")}</th>}<th scope="col">{t(inRun ? "queue.queued" : "queue.count")}</th><th scope="col">{t("queue.bytes")}</th><th scope="col">{t("queue.full")}</th></tr>
        </thead>
        <tbody>
          {list.map(([wire, c]) => <WireLine key={wire} flow={flow} wire={wire} from={name(c.from)} to={name(c.to)} inRun={inRun} />)}
        </tbody>
      </table>
    </div>
  );
}
