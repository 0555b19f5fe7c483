import type { FlowFileView } from "../api/queues";
import { useText } from "../api/words";
import { Spinner } from "../ds/Spinner";
import { Table } from "../ds/Table";
import { bytes } from "../lib/numbers";
import { moment } from "../lib/times";
import { t } from "../words";
import styles from "./Attributes.module.css";

/** Events lists what is recorded of a FlowFile and of what was made from it. */
export function Events({ view }: { view: FlowFileView | undefined }) {
  const text = useText();
  if (view === undefined) return <p className={styles.none}><Spinner label={t("queue.loading")} /></p>;
  const rows = view.events.map((e, i) => ({
    id: String(i),
    cells: {
      at: moment(e.at), event: e.type, node: e.node ?? "", id: e.id.slice(-10), rows: e.rows < 0 ? "–" : e.rows, size: bytes(e.size),
      what: [e.output, e.class, e.why].filter((x) => x !== undefined && x !== "").join(" · "),
    },
  }));
  return (
    <div className={styles.attributes}>
      {view.incomplete !== undefined && <p>{t("queue.eventsIncomplete", { text: text(view.incomplete) })}</p>}
      {rows.length === 0 ? (
        <p className={styles.none}>{t("queue.noEvents")}</p>
      ) : (
        <Table label={t("queue.tabEvents")} rows={rows} columns={[
          { id: "at", head: t("queue.eventAt") }, { id: "event", head: t("queue.event") }, { id: "node", head: t("queue.eventNode") }, { id: "id", head: t("queue.id") },
          { id: "rows", head: t("queue.rows"), number: true }, { id: "size", head: t("queue.size"), number: true }, { id: "what", head: t("queue.eventWhat") },
        ]} />
      )}
    </div>
  );
}
