import type { BalanceRow, RunView, Tally } from "../api/runs";
import { useText } from "../api/words";
import { Table } from "../ds/Table";
import { useDraft } from "../editor/context";
import { usePlace } from "../lib/place";
import { Button } from "../ds/Button";
import { t } from "../words";
import { balanceWord } from "./RunList";
import { StateWord } from "./StateWord";
import styles from "./RunsDrawer.module.css";

const rows = (tally: Tally) => (tally.rows === 0 && tally.n === 0 ? "" : `${tally.rows.toLocaleString("en")}${(tally.unknown ?? 0) > 0 ? "+" : ""}`);
const counts = ["in", "read", "out", "filtered", "rejected", "committed", "queued", "parked", "lost"] as const;

/** NodeRows is the run's books: the rows of each node, in the direction of the data. */
export function NodeRows({ view }: { view: RunView }) {
  const [, go] = usePlace();
  const text = useText();
  const nodes = useDraft((s) => s.doc.nodes);
  const list = view.balance ?? [];
  if (list.length === 0) return <p className={styles.content}>{t("runs.stateQUEUED")}</p>;
  const used = counts.filter((c) => c === "in" || c === "out" || list.some((b) => b[c].rows > 0 || b[c].n > 0));
  const failure = (b: BalanceRow) => {
    const seen = view.nodes?.[b.node];
    const act = view.run.acts?.[b.node];
    const note = seen?.note ?? (act?.state === "FAILED" || act?.state === "RETRY_WAIT" || act?.state === "BLOCKED" ? act.note : undefined);
    return note === undefined ? "" : text(note);
  };
  return (
    <div className={styles.content}>
      <Table label={t("runs.rowsOfNodes")}
        columns={[
          { id: "node", head: t("runs.node") }, { id: "act", head: t("runs.colState") },
          ...used.map((c) => ({ id: c, head: t(`runs.${c}`), number: true })), { id: "verdict", head: t("runs.verdict") },
        ]}
        rows={list.map((b) => ({
          id: b.node,
          cells: {
            node: <Button kind="link" size="small" onClick={() => go({ open: b.node })}>{nodes[b.node]?.name ?? b.node}</Button>,
            act: <><StateWord state={b.act ?? ""} act />{failure(b) !== "" && <p className={styles.bad}>{failure(b)}</p>}</>,
            ...Object.fromEntries(used.map((c) => [c, c === "rejected" && b.rejected.rows > 0 ? <b className={styles.bad}>{rows(b.rejected)}</b> : rows(b[c])])),
            verdict: b.verdict === "broken" || b.verdict === "unaccounted" ? <b className={styles.bad}>{balanceWord(b.verdict)}</b> : balanceWord(b.verdict),
          },
        }))} />
    </div>
  );
}
