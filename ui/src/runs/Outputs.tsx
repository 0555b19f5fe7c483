import { Check, Copy } from "lucide-react";
import { type Output, outputContent, outputItem, useOutputs } from "../api/outputs";
import type { Run } from "../api/runs";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { IconButton } from "../ds/IconButton";
import { Table } from "../ds/Table";
import { Trouble } from "../ds/Trouble";
import { useDraft } from "../editor/context";
import { bytes } from "../lib/numbers";
import { usePlace } from "../lib/place";
import { useCopy } from "../queue/Attributes";
import { t } from "../words";
import { giveBack } from "./lastRead";
import { SaveLink } from "./SaveLink";
import styles from "./Outputs.module.css";

function CopyPath({ path }: { path: string }) {
  const [copied, copy] = useCopy();
  return (
    <IconButton className={styles.copy} label={copied === path ? t("queue.copied") : t("queue.copy", { name: path })} onClick={() => copy(path, path)}>
      {copied === path ? <Check size={13} aria-hidden="true" /> : <Copy size={13} aria-hidden="true" />}
    </IconButton>
  );
}

/** Where names an output and says why it cannot be had; its place on the server's disk can be copied. */
function Where({ output: o }: { output: Output }) {
  const text = useText();
  return (
    <>
      <span className={styles.where} title={o.path}>
        {o.link !== undefined && /^https:\/\//.test(o.link) ? <a href={o.link} target="_blank" rel="noreferrer">{o.key}</a> : o.key}
        {o.path !== undefined && <CopyPath path={o.path} />}
      </span>
      {o.file === undefined && o.path !== undefined && <p className={styles.note}>{t("runs.inDuckDB")}</p>}
      {o.trouble !== undefined && <p className={styles.bad}>{text(o.trouble)}</p>}
    </>
  );
}

/** Outputs lists what a run has written: files, tables, jobs elsewhere. One that is a file is read here, or downloaded. */
export function Outputs({ run }: { run: Run }) {
  const text = useText();
  const nodes = useDraft((s) => s.doc.nodes);
  const [, go] = usePlace();
  const receipts = run.receipts ?? [];
  const known = useOutputs(run.id, receipts.length);
  const list: Output[] = known.data?.outputs ?? receipts;
  if (list.length === 0) return <p className={styles.none}>{t("runs.noOutputs")}</p>;
  const here = (o: Output) => known.data !== undefined && o.file !== undefined && o.trouble === undefined;
  return (
    <div className={styles.outputs}>
      {known.error !== null && <Trouble text={text(known.error)} onRetry={() => void known.refetch()} />}
      {known.data !== undefined && list.some((o) => o.path !== undefined) && <p className={styles.note}>{t("runs.outputsIn", { dir: known.data.dir })}<CopyPath path={known.data.dir} /></p>}
      <Table label={t("runs.tabOutputs")}
        columns={[{ id: "key", head: t("runs.output") }, { id: "node", head: t("runs.node") }, { id: "rows", head: t("runs.rows"), number: true }, { id: "size", head: t("runs.size"), number: true }, { id: "sum", head: "SHA-256" }]}
        rows={list.map((o, i) => ({
          id: `${i} ${o.node} ${o.key}`,
          cells: {
            key: (
              <div className={styles.output}>
                <div><Where output={o} /></div>
                {here(o) && (
                  <span className={styles.doing} ref={giveBack(outputItem(o))}>
                    <Button size="small" aria-label={`${t("runs.readIt")} ${o.key}`} onClick={() => go({ item: outputItem(o) })}>{t("runs.readIt")}</Button>
                    <SaveLink content={outputContent(run.id, o)} name={o.key} />
                  </span>
                )}
              </div>
            ),
            node: nodes[o.node]?.name ?? o.node, rows: o.rows.toLocaleString("en"), size: o.bytes === 0 ? "" : bytes(o.bytes),
            sum: o.sha256 === undefined ? "" : <span className={styles.sum} title={o.sha256}>{o.sha256.slice(0, 12)}</span>,
          },
        }))} />
      {Object.entries(run.more_receipts ?? {}).map(([node, more]) => <p key={node}>{t("runs.moreOutputs", { n: more.n, node })}</p>)}
    </div>
  );
}
