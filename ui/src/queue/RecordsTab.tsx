import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { call, type Failure } from "../api/client";
import type { Content, RecordPage } from "../api/queues";
import { useText } from "../api/words";
import { type Cell, DataGrid, type DataColumn } from "../ds/DataGrid";
import { Empty } from "../ds/Empty";
import { Spinner } from "../ds/Spinner";
import { Trouble } from "../ds/Trouble";
import { t } from "../words";
import { pretty } from "./json";
import styles from "./Content.module.css";

const pageOf = 500;
const none: DataColumn[] = [];

interface Place {
  offset: number;
  at: string;
}

/** CellValue shows one value whole; what is nested is set in lines. */
export function CellValue({ column, row, value }: { column: string; row: number; value: unknown }) {
  const text = typeof value === "string" ? (/^\s*[[{]/.test(value) ? (pretty(value) ?? value) : value) : (pretty(JSON.stringify(value ?? null)) ?? "");
  return (
    <section className={styles.cell} aria-label={t("queue.cell", { column, row })}>
      <h4>{t("queue.cell", { column, row })}</h4>
      <pre>{text}</pre>
    </section>
  );
}

/** RecordsTab shows a content's records as a table; further rows are loaded when they come into view, the first "most" of them. */
export function RecordsTab({ content, most = Infinity }: { content: Content; most?: number }) {
  const text = useText();
  const [cell, setCell] = useState<Cell>();
  const records = useInfiniteQuery<RecordPage, Failure, { pages: RecordPage[] }, unknown[], Place>({
    queryKey: ["records", content.key], staleTime: Infinity, initialPageParam: { offset: 0, at: "" },
    queryFn: ({ pageParam, signal }) => call<RecordPage>("GET", content.url("records", { offset: pageParam.offset, at: pageParam.at, limit: pageOf }), undefined, signal),
    getNextPageParam: (page) => (page.more && page.offset + page.rows.length < most ? { offset: page.offset + page.rows.length, at: page.next ?? "" } : undefined),
  });
  const pages = records.data?.pages;
  const rows = useMemo(() => (pages ?? []).flatMap((p) => p.rows), [pages]);
  const first = pages?.[0];
  if (records.isPending) return <Empty title={t("queue.loading")}><Spinner label={t("queue.loading")} /></Empty>;
  if (records.error !== null && first === undefined) return <Trouble text={text(records.error)} onRetry={() => void records.refetch()} />;
  const columns = first?.columns ?? none;
  const words = records.hasNextPage ? "queue.rowsMore" : pages?.at(-1)?.more === true ? "queue.rowsFirst" : "queue.rowsRead";
  const problem = pages?.at(-1)?.problem;
  const next = () => void (records.isFetchingNextPage || records.fetchNextPage());
  // After a failure only the button asks again: the grid would ask at once, without end.
  const onEnd = records.hasNextPage && records.error === null ? next : undefined;
  return (
    <div className={styles.fill}>
      {rows.length === 0 ? <Empty title={t("queue.noRows")} /> : <DataGrid label={t("queue.records")} columns={columns} rows={rows} onEnd={onEnd} onCell={setCell} />}
      {cell !== undefined && <CellValue column={columns[cell.column]?.name ?? ""} row={cell.row + 1} value={rows[cell.row]?.[cell.column]} />}
      {problem !== undefined && <Trouble text={text(problem)} />}
      {records.error !== null && <Trouble text={text(records.error)} onRetry={next} />}
      <p className={styles.foot} role="status">
        {t(words, { n: rows.length.toLocaleString("en"), source: first?.source ?? "" })}
        {first?.inferred === true && ` · ${t("queue.inferred")}`}
        {records.isFetchingNextPage && <Spinner />}
      </p>
    </div>
  );
}
