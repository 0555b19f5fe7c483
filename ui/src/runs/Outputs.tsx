import type { Run } from "../api/runs";
import { Table } from "../ds/Table";
import { useDraft } from "../editor/context";
import { bytes } from "../lib/numbers";
import { t } from "../words";
import styles from "./RunsDrawer.module.css";

/** Outputs lists what a run has written: files, tables, jobs elsewhere. */
export function Outputs({ run }: { run: Run }) {
  const nodes = useDraft((s) => s.doc.nodes);
  const list = run.receipts ?? [];
  if (list.length === 0) return <p className={`${styles.content} ${styles.none}`}>{t("runs.noOutputs")}</p>;
  return (
    <div className={styles.content}>
      <Table label={t("runs.tabOutputs")}
        columns={[{ id: "key", head: t("runs.output") }, { id: "node", head: t("runs.node") }, { id: "rows", head: t("runs.rows"), number: true }, { id: "size", head: t("runs.size"), number: true }, { id: "sum", head: "SHA-256" }]}
        rows={list.map((r) => ({
          id: `${r.node} ${r.key}`,
          cells: {
            key: r.link !== undefined && /^https:\/\//.test(r.link) ? <a href={r.link} target="_blank" rel="noreferrer">{r.key}</a> : r.key,
            node: nodes[r.node]?.name ?? r.node, rows: r.rows.toLocaleString("en"), size: r.bytes === 0 ? "" : bytes(r.bytes),
            sum: r.sha256 === undefined ? "" : <span className={styles.sum} title={r.sha256}>{r.sha256.slice(0, 12)}</span>,
          },
        }))} />
      {Object.entries(run.more_receipts ?? {}).map(([node, more]) => <p key={node}>{t("runs.moreOutputs", { n: more.n, node })}</p>)}
    </div>
  );
}
