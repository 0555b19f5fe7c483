import { ChevronLeft, RefreshCw, TerminalSquare } from "lucide-react";
import { useState } from "react";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Empty } from "../ds/Empty";
import { IconButton } from "../ds/IconButton";
import { Select } from "../ds/Select";
import { Spinner } from "../ds/Spinner";
import { Trouble } from "../ds/Trouble";
import { useDraft } from "../editor/context";
import { bytes, short } from "../lib/numbers";
import { usePlace } from "../lib/place";
import { clock } from "../lib/times";
import { useWireRow } from "../live/hooks";
import { t } from "../words";
import { EmptyDialog } from "./EmptyDialog";
import { FilterBox } from "./FilterBox";
import { FlowFilePanel } from "./FlowFilePanel";
import { QueueList } from "./QueueList";
import { SqlBox } from "./SqlBox";
import { WentOn } from "./WentOn";
import { type Lane, type Listing, useListing } from "./useQueue";
import styles from "./Queue.module.css";

const starts = [0, 25, 50, 75, 95];

function Listed({ list, q, lane }: { list: Listing; q: string; lane: Lane }) {
  const text = useText();
  if (list.pending) return <Empty title={t("queue.loading")}><Spinner label={t("queue.loading")} /></Empty>;
  const trouble = list.failure !== null && <Trouble text={text(list.failure)} onRetry={list.anew} />;
  if (list.items.length > 0) return <>{trouble}<QueueList list={list} lane={lane} /></>;
  if (trouble !== false) return trouble;
  if (q === "" && lane.run !== "" && list.count === 0) return <WentOn run={lane.run} wire={lane.wire} />;
  if (q === "") return <Empty title={t("queue.empty")}>{t("queue.emptyWhat")}</Empty>;
  return (
    <Empty title={t("queue.noMatch", { q })} action={list.more && <Button busy={list.loading} onClick={list.next}>{t("queue.searchOn")}</Button>}>
      {t("queue.scanned", { n: list.scanned })}
    </Empty>
  );
}

/** Holds says what lies on the wire now; listed is how many it held when it was listed. */
function Holds({ lane, listed }: { lane: Lane; listed: number }) {
  const row = useWireRow(lane.flow, lane.wire);
  return (
    <span className={styles.count} data-live="">
      {t("queue.holds", { n: short(row?.[1] ?? listed), bytes: bytes(row?.[2] ?? 0) })}
      {row !== undefined && ` · ${t("queue.fullness", { n: row[4] })}`}
    </span>
  );
}

/** Moved offers to list anew once another number of FlowFiles lies there. */
function Moved({ lane, listed, onAnew }: { lane: Lane; listed: number; onAnew: () => void }) {
  const row = useWireRow(lane.flow, lane.wire);
  if (row === undefined || row[1] === listed) return null;
  return <Button kind="link" size="small" onClick={onAnew}>{t("queue.moved")}</Button>;
}

/** EmptyIt deletes all that lies on the wire, once it is said. */
function EmptyIt({ lane, listed }: { lane: Lane; listed: number }) {
  const row = useWireRow(lane.flow, lane.wire);
  const [asking, setAsking] = useState(false);
  const count = row?.[1] ?? listed;
  return (
    <>
      <Button size="small" kind="danger" disabled={count === 0} onClick={() => setAsking(true)}>{t("queue.emptyIt")}</Button>
      {asking && <EmptyDialog lane={lane} count={count} bytes={row?.[2] ?? 0} onClose={() => setAsking(false)} />}
    </>
  );
}

/** Queue shows what lies on a wire while the flow goes on. What counts each second draws itself: the list is drawn anew only when it is listed anew. */
export function Queue({ lane, from, to }: { lane: Lane; from: string; to: string }) {
  const [place, go] = usePlace();
  const [q, setQ] = useState("");
  const [percent, setPercent] = useState(0);
  const [tab, setTab] = useState("table");
  const list = useListing(lane, q, percent);
  const names = useDraft((s) => s.doc.nodes);
  const name = (slug: string) => names[slug]?.name ?? slug;
  const title = from === "" ? lane.wire : t("queue.ofWire", { from: name(from), to: name(to) });
  return (
    <section className={styles.queue} aria-label={title}>
      <div className={styles.bar}>
        <IconButton label={t("queue.allWires")} onClick={() => go({ wire: "", item: "" })}><ChevronLeft size={16} aria-hidden="true" /></IconButton>
        <h2 className={styles.title}>{title}</h2>
        <Holds lane={lane} listed={list.count} />
        <span className={styles.gap} />
        <FilterBox value={q} onChange={setQ} />
        <Select className={styles.start} aria-label={t("queue.from")} value={String(percent)} onChange={(v) => setPercent(Number(v))}
          options={starts.map((n) => ({ value: String(n), label: n === 0 ? t("queue.fromHead") : t("queue.fromAt", { n }) }))} />
        <IconButton label={t("queue.refresh")} onClick={list.anew}><RefreshCw size={15} aria-hidden="true" /></IconButton>
        <Button size="small" aria-pressed={place.item === "sql"} icon={<TerminalSquare size={14} aria-hidden="true" />} onClick={() => go({ item: place.item === "sql" ? "" : "sql" })}>{t("queue.tabSql")}</Button>
        <EmptyIt lane={lane} listed={list.count} />
      </div>
      <div className={styles.body}>
        <div className={styles.list} data-beside={place.item !== "" || undefined}>
          <Listed list={list} q={q} lane={lane} />
          {list.at > 0 && (
            <p className={styles.foot} role="status">
              {t("queue.listedAt", { at: clock(list.at) })}
              {q !== "" && ` · ${t("queue.scanned", { n: list.scanned })}`}
              <Moved lane={lane} listed={list.count} onAnew={list.anew} />
            </p>
          )}
        </div>
        {place.item === "sql" && <SqlBox key="sql" lane={lane} hint={t("queue.sqlHint")} />}
        {place.item !== "" && place.item !== "sql" && <FlowFilePanel key={place.item} lane={lane} at={place.item} list={list} tab={tab} onTab={setTab} />}
      </div>
    </section>
  );
}
