import { Download } from "lucide-react";
import type { Content } from "../api/queues";
import { t } from "../words";
import styles from "./Outputs.module.css";

/** SaveLink downloads a file that a run wrote; name tells which one. */
export function SaveLink({ content, name }: { content: Content; name: string }) {
  return (
    <a className={styles.save} href={`/api/v1${content.url("content")}`} download aria-label={`${t("queue.download")} ${name}`}>
      <Download size={14} aria-hidden="true" />
      {t("queue.download")}
    </a>
  );
}
