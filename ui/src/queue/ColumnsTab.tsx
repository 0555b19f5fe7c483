import { useQuery } from "@tanstack/react-query";
import { call, type Failure } from "../api/client";
import type { Content, ContentSummary } from "../api/queues";
import { useText } from "../api/words";
import { plain } from "../ds/cells";
import { Empty } from "../ds/Empty";
import { Spinner } from "../ds/Spinner";
import { Table } from "../ds/Table";
import { Trouble } from "../ds/Trouble";
import { t } from "../words";
import styles from "./Content.module.css";

const value = (v: unknown) => (v === undefined ? "" : <span className={styles.value} title={plain(v)}>{plain(v)}</span>);

/** ColumnsTab tells what each column of a content holds. */
export function ColumnsTab({ content }: { content: Content }) {
  const text = useText();
  const summary = useQuery<ContentSummary, Failure>({ queryKey: ["summary", content.key], staleTime: Infinity, queryFn: ({ signal }) => call<ContentSummary>("GET", content.url("summary"), undefined, signal) });
  if (summary.isPending) return <Empty title={t("queue.loading")}><Spinner label={t("queue.loading")} /></Empty>;
  if (summary.error !== null) return <Trouble text={text(summary.error)} onRetry={() => void summary.refetch()} />;
  const s = summary.data;
  const share = (n: number) => (s.rows === 0 || n === 0 ? String(n) : `${n.toLocaleString("en")} · ${Math.round((n / s.rows) * 100)} %`);
  return (
    <div className={styles.columns}>
      <p>{t(s.truncated ? "queue.summaryFirst" : "queue.summaryOf", { n: s.rows.toLocaleString("en") })}</p>
      <Table label={t("queue.tabColumns")}
        columns={[
          { id: "name", head: t("queue.column") }, { id: "type", head: t("queue.type") }, { id: "nulls", head: t("queue.nulls"), number: true },
          { id: "distinct", head: t("queue.distinct"), number: true }, { id: "min", head: t("queue.min") }, { id: "max", head: t("queue.max") },
        ]}
        rows={s.columns.map((c) => ({ id: c.name, cells: { name: c.name, type: c.type, nulls: share(c.nulls), distinct: c.distinct.toLocaleString("en"), min: value(c.min), max: value(c.max) } }))} />
      {(s.skipped ?? 0) > 0 && <p>{t("queue.skippedRows", { n: s.skipped ?? 0 })} {s.problem !== undefined && text(s.problem)}</p>}
    </div>
  );
}
