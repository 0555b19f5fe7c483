import { ChevronDown, ChevronUp, Trash2, X } from "lucide-react";
import { useState } from "react";
import { queuedContent } from "../api/queues";
import { useText } from "../api/words";
import { Empty } from "../ds/Empty";
import { IconButton } from "../ds/IconButton";
import { Spinner } from "../ds/Spinner";
import { Tabs } from "../ds/Tabs";
import { Trouble } from "../ds/Trouble";
import { bytes } from "../lib/numbers";
import { usePlace } from "../lib/place";
import { t } from "../words";
import { Attributes } from "./Attributes";
import { contentTabs, DownloadLink } from "./contentTabs";
import { DeleteDialog } from "./DeleteDialog";
import { Events } from "./Events";
import { stateOf } from "./QueueList";
import { SqlBox } from "./SqlBox";
import { type Lane, type Listing, useFlowFile } from "./useQueue";
import styles from "./FlowFilePanel.module.css";

/** FlowFilePanel shows one FlowFile of a queue: what it holds, its attributes, what happened to it. */
export function FlowFilePanel({ lane, at, list, tab, onTab }: { lane: Lane; at: string; list: Listing; tab: string; onTab: (tab: string) => void }) {
  const [, go] = usePlace();
  const [deleting, setDeleting] = useState(false);
  const text = useText();
  const one = useFlowFile(lane, at);
  const here = list.items.findIndex((f) => f.at === at);
  const item = one.data?.item ?? list.items[here];
  const step = (by: number) => list.items[here + by] !== undefined && go({ item: list.items[here + by]?.at ?? "" }, { replace: true });
  const close = <IconButton label={t("app.close")} onClick={() => go({ item: "" })}><X size={15} aria-hidden="true" /></IconButton>;
  if (one.error !== null && one.error.code === "queued_unknown") {
    return <section className={styles.panel}><div className={styles.head}><span className={styles.gap} />{close}</div><Empty title={t("queue.gone")}>{t("queue.goneWhat")}</Empty></section>;
  }
  if (item === undefined) {
    return <section className={styles.panel}><div className={styles.head}><span className={styles.gap} />{close}</div>{one.error !== null ? <Trouble text={text(one.error)} onRetry={() => void one.refetch()} /> : <Spinner label={t("queue.loading")} />}</section>;
  }
  const content = queuedContent(lane.flow, lane.wire, lane.run, item);
  const tabs = [
    ...contentTabs(content),
    { id: "sql", label: t("queue.tabSql"), content: <div className={styles.fill}><SqlBox lane={lane} ids={[at]} hint={t("queue.sqlHintOne")} /></div> },
    { id: "attributes", label: t("queue.tabAttributes"), content: <Attributes attributes={item.attributes} /> },
    { id: "events", label: t("queue.tabEvents"), content: <Events view={one.data} /> },
  ];
  return (
    <section className={styles.panel} aria-label={t("queue.details", { id: item.id })}>
      <div className={styles.head}>
        <IconButton label={t("queue.previous")} disabled={here <= 0} onClick={() => step(-1)}><ChevronUp size={15} aria-hidden="true" /></IconButton>
        <IconButton label={t("queue.next")} disabled={here < 0 || here >= list.items.length - 1} onClick={() => step(1)}><ChevronDown size={15} aria-hidden="true" /></IconButton>
        <h3 className={styles.id} title={item.id}>{item.id}</h3>
        <span className={styles.facts}>{[bytes(item.size), item.rows >= 0 ? t("runs.rowsOf", { n: item.rows.toLocaleString("en") }) : "", stateOf(item), item.mime ?? ""].filter((x) => x !== "").join(" · ")}</span>
        <span className={styles.gap} />
        <DownloadLink content={content} />
        <IconButton label={t("queue.delete")} disabled={item.held} onClick={() => setDeleting(true)}><Trash2 size={15} aria-hidden="true" /></IconButton>
        {close}
      </div>
      <Tabs label={t("queue.details", { id: item.id })} tabs={tabs} value={tab} onChange={onTab} />
      {deleting && <DeleteDialog lane={lane} item={item} onClose={() => setDeleting(false)} onDone={() => go({ item: "" })} />}
    </section>
  );
}
