import { X } from "lucide-react";
import { useState } from "react";
import { parkedContent } from "../api/queues";
import type { ParkedFile } from "../api/runs";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { IconButton } from "../ds/IconButton";
import { Tabs } from "../ds/Tabs";
import { usePlace } from "../lib/place";
import { moment } from "../lib/times";
import { t } from "../words";
import { AttributeEditor } from "./AttributeEditor";
import { contentTabs, DownloadLink } from "./contentTabs";
import styles from "./FlowFilePanel.module.css";

/** ParkedPanel shows one parked FlowFile: why it is here, its attributes to mend, its content. */
export function ParkedPanel({ run, item, onSettle }: { run: string; item: ParkedFile; onSettle: (kind: "retry" | "discard") => void }) {
  const [, go] = usePlace();
  const text = useText();
  const [tab, setTab] = useState("error");
  const content = parkedContent(run, item);
  const tabs = [
    { id: "error", label: t("queue.tabError"), content: (
      <div className={styles.error}>
        <p>{item.note === undefined ? item.cause : text(item.note)}</p>
        <dl>
          <dt>{t("queue.tries")}</dt><dd>{item.attempts}</dd>
          <dt>{t("queue.parkedAt")}</dt><dd>{moment(item.at)}</dd>
          <dt>{t("queue.wire")}</dt><dd>{item.connection}</dd>
        </dl>
      </div>
    ) },
    { id: "attributes", label: t("queue.tabAttributes"), content: <AttributeEditor run={run} item={item} /> },
    ...contentTabs(content),
  ];
  return (
    <section className={styles.panel} aria-label={t("queue.details", { id: item.id })}>
      <div className={styles.head}>
        <h3 className={styles.id}>{item.id}</h3>
        <span className={styles.gap} />
        <Button size="small" kind="primary" onClick={() => onSettle("retry")}>{t("queue.retryOne")}</Button>
        <Button size="small" kind="danger" onClick={() => onSettle("discard")}>{t("queue.discardOne")}</Button>
        <DownloadLink content={content} />
        <IconButton label={t("app.close")} onClick={() => go({ item: "" })}><X size={15} aria-hidden="true" /></IconButton>
      </div>
      <Tabs label={t("queue.details", { id: item.id })} tabs={tabs} value={tab} onChange={setTab} />
    </section>
  );
}
