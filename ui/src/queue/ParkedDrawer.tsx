import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call, type Failure, path } from "../api/client";
import { type ParkedFile, useRun } from "../api/runs";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Empty } from "../ds/Empty";
import { Spinner } from "../ds/Spinner";
import { Trouble } from "../ds/Trouble";
import { VirtualTable } from "../ds/VirtualTable";
import { useDraft } from "../editor/context";
import { usePlace } from "../lib/place";
import { age } from "../lib/times";
import { t } from "../words";
import { ParkedPanel } from "./ParkedPanel";
import { Settle } from "./Settle";
import { useRunInView } from "./useQueue";
import styles from "./Queue.module.css";

/** parkedKey is under which a run's parked FlowFiles are kept. */
export const parkedKey = (run: string) => ["parked", run];

/** ParkedDrawer lists what a run has parked: mend it, retry it, or give it up. */
export function ParkedDrawer({ flow }: { flow: string }) {
  const { run, pending } = useRunInView(flow);
  if (pending) return <Empty title={t("queue.loading")}><Spinner label={t("queue.loading")} /></Empty>;
  if (run === "") return <Empty title={t("queue.parkedNoRun")} />;
  return <Parked key={run} run={run} />;
}

interface Page {
  parked: ParkedFile[];
  more?: boolean;
}

/** most is how many are listed at once; once they are settled, others come up. */
const most = 1000;

function Parked({ run }: { run: string }) {
  const [place, go] = usePlace();
  const text = useText();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [settling, setSettling] = useState<{ kind: "retry" | "discard"; list: ParkedFile[] }>();
  const wires = useDraft((s) => s.doc.connections);
  const view = useRun(run);
  const failed = view.data?.run.state === "FAILED";
  const parked = useQuery<Page, Failure>({
    queryKey: parkedKey(run), refetchInterval: 5_000,
    queryFn: ({ signal }) => call<Page>("GET", path(["runs", run, "parked"], { limit: most }), undefined, signal),
  });
  if (parked.isPending) return <Empty title={t("queue.loading")}><Spinner label={t("queue.loading")} /></Empty>;
  if (parked.data === undefined) return <Trouble text={text(parked.error)} onRetry={() => void parked.refetch()} />;
  const { parked: list, more } = parked.data;
  if (list.length === 0) return <Empty title={t("queue.parkedNone")}>{t("queue.parkedNoneWhat")}</Empty>;
  const picked = list.filter((p) => chosen.has(p.id));
  const open = list.find((p) => p.id === place.item);
  const toggle = (id: string) => setChosen((old) => new Set(old.has(id) ? [...old].filter((x) => x !== id) : [...old, id]));
  const cell = (p: ParkedFile, column: string) => {
    switch (column) {
      // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- keeps the row from opening
      case "pick": return <span onClick={(e) => e.stopPropagation()}><input type="checkbox" aria-label={`${t("queue.select")} ${p.id}`} checked={chosen.has(p.id)} onChange={() => toggle(p.id)} /></span>;
      case "id": return p.id.slice(-10);
      case "error": return <span title={text(p.note ?? { code: p.code })}>{p.note === undefined ? p.cause : text(p.note)}</span>;
      case "tries": return p.attempts;
      case "rows": return p.rows < 0 ? "–" : p.rows.toLocaleString("en");
      case "wire": return wires?.[p.connection]?.to ?? p.connection;
      default: return age(p.at);
    }
  };
  const all = picked.length === list.length;
  return (
    <section className={styles.queue} aria-label={t("queue.parked")}>
      <div className={styles.bar}>
        <h2 className={styles.title}>{t("queue.parked")}</h2>
        <Button size="small" kind="quiet" onClick={() => setChosen(all ? new Set() : new Set(list.map((p) => p.id)))}>{all ? t("queue.selected", { n: picked.length }) : t(more ? "queue.selectShown" : "queue.selectAll", { n: list.length })}</Button>
        {more && <span className={styles.count} role="status">{t("queue.parkedMore", { n: list.length })}</span>}
        <span className={styles.gap} />
        {failed && <span className={styles.count}>{t("queue.retryResumes")}</span>}
        <Button size="small" kind="primary" disabled={picked.length === 0} onClick={() => setSettling({ kind: "retry", list: picked })}>{t("queue.retryMany", { n: picked.length })}</Button>
        <Button size="small" kind="danger" disabled={picked.length === 0} onClick={() => setSettling({ kind: "discard", list: picked })}>{t("queue.discardMany", { n: picked.length })}</Button>
      </div>
      {parked.error !== null && <Trouble text={text(parked.error)} onRetry={() => void parked.refetch()} />}
      <div className={styles.body}>
        <div className={styles.list} data-beside={open !== undefined || undefined}>
          <VirtualTable label={t("queue.parked")} rows={list} id={(p) => p.id} cell={cell} current={open?.id} onOpen={(p) => go({ item: p.id })} tone={() => "red"}
            columns={[
              { id: "pick", head: t("queue.select"), width: "20px", hidden: true }, { id: "id", head: t("queue.id"), width: "90px" }, { id: "error", head: t("queue.parkedError"), width: "minmax(120px, 1fr)" },
              ...(open === undefined ? [{ id: "wire", head: t("queue.parkedWire"), width: "minmax(80px, 140px)" }, { id: "rows", head: t("queue.rows"), width: "60px", number: true }] : []),
              { id: "tries", head: t("queue.tries"), width: "48px", number: true }, { id: "at", head: t("queue.age"), width: "60px", number: true },
            ]} />
        </div>
        {open !== undefined && <ParkedPanel key={open.id} run={run} item={open} onSettle={(kind) => setSettling({ kind, list: [open] })} />}
      </div>
      {settling !== undefined && (
        <Settle run={run} kind={settling.kind} list={settling.list} resumes={failed} onClose={() => setSettling(undefined)}
          onDone={() => {
            setSettling(undefined);
            setChosen(new Set());
            go({ item: "" }, { replace: true });
          }} />
      )}
    </section>
  );
}
