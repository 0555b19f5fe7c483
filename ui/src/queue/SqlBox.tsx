import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { call, type Failure, path } from "../api/client";
import type { QueueAnswer } from "../api/queues";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { type Cell, DataGrid } from "../ds/DataGrid";
import { Trouble } from "../ds/Trouble";
import { short } from "../lib/numbers";
import { t } from "../words";
import { CellValue } from "./RecordsTab";
import type { Lane } from "./useQueue";
import styles from "./Content.module.css";

const Editor = lazy(() => import("./SqlEditor").then((m) => ({ default: m.SqlEditor })));
const begin = "select * from queue limit 100";

function Answer({ answer }: { answer: QueueAnswer }) {
  const [cell, setCell] = useState<Cell>();
  const columns = answer.columns.map(([name, type]) => ({ name, type }));
  const { sample } = answer;
  return (
    <>
      <DataGrid label={t("queue.sqlResult")} columns={columns} rows={answer.rows} onCell={setCell} />
      {cell !== undefined && <CellValue column={columns[cell.column]?.name ?? ""} row={cell.row + 1} value={answer.rows[cell.row]?.[cell.column]} />}
      <p className={styles.foot} role="status">
        {t("queue.sqlSample", { total: answer.total.toLocaleString("en"), took: answer.took, rows: short(sample.rows), files: sample.files })}
        {sample.truncated && ` · ${t("queue.sqlTruncated")}`}
        {sample.left_out > 0 && ` · ${t("queue.sqlLeftOut", { n: sample.left_out })}`}
      </p>
    </>
  );
}

/** SqlBox asks SQL of the records in a queue, or of one FlowFile. */
export function SqlBox({ lane, ids, hint }: { lane: Lane; ids?: string[]; hint: string }) {
  const text = useText();
  const [sql, setSql] = useState(begin);
  const ask = useMutation<QueueAnswer, Failure, string>({
    mutationFn: (query) => call<QueueAnswer>("POST", path(["flows", lane.flow, "connections", lane.wire, "queue", "sql"]), { run: lane.run, ids, sql: query, limit: 1000 }),
  });
  return (
    <section className={styles.sql} aria-label={t("queue.sqlLabel")}>
      <div className={styles.editor}>
        <div className={styles.query}>
          <Suspense fallback={null}>
            <Editor label={t("queue.sqlLabel")} value={sql} columns={ask.data?.sample.columns.map((c) => c.name)} onChange={setSql} onRun={(query) => ask.mutate(query)} />
          </Suspense>
        </div>
        <div className={styles.doing}>
          <Button size="small" kind="primary" busy={ask.isPending} onClick={() => ask.mutate(sql)}>{t("queue.sqlRun")}</Button>
          <span>{hint}</span>
        </div>
      </div>
      {ask.error !== null && <Trouble text={text(ask.error)} />}
      {ask.data !== undefined && <Answer key={ask.submittedAt} answer={ask.data} />}
    </section>
  );
}
