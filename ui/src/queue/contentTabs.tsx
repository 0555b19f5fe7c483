import { Download } from "lucide-react";
import type { Content } from "../api/queues";
import type { Tab } from "../ds/Tabs";
import { t } from "../words";
import { ColumnsTab } from "./ColumnsTab";
import { HexTab } from "./HexTab";
import { RecordsTab } from "./RecordsTab";
import { TextTab } from "./TextTab";
import styles from "./Content.module.css";

/** contentTabs are the ways to look at a content. */
export function contentTabs(content: Content): Tab[] {
  return [
    { id: "table", label: t("queue.tabTable"), content: <RecordsTab key={content.key} content={content} /> },
    { id: "columns", label: t("queue.tabColumns"), content: <ColumnsTab key={content.key} content={content} /> },
    { id: "json", label: t("queue.tabJson"), content: <TextTab key={content.key} content={content} /> },
    { id: "hex", label: t("queue.tabHex"), content: <HexTab key={content.key} content={content} /> },
  ];
}

/** DownloadLink downloads a content as it is. */
export function DownloadLink({ content }: { content: Content }) {
  return (
    <a className={styles.download} href={`/api/v1${content.url("content")}`} download title={t("queue.download")} aria-label={t("queue.download")}>
      <Download size={15} aria-hidden="true" />
    </a>
  );
}
