import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { Button } from "../ds/Button";
import { IconButton } from "../ds/IconButton";
import { t } from "../words";
import styles from "./Attributes.module.css";

/** useCopy copies a text and says for a moment which one. */
export function useCopy(): [string, (name: string, text: string) => void] {
  const [copied, setCopied] = useState("");
  return [copied, (name, text) => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(name);
      setTimeout(() => setCopied((now) => (now === name ? "" : now)), 1500);
    });
  }];
}

/** Attributes lists the attributes of a FlowFile; each can be copied. */
export function Attributes({ attributes }: { attributes: Record<string, string> }) {
  const [copied, copy] = useCopy();
  const list = Object.entries(attributes).sort(([a], [b]) => a.localeCompare(b));
  if (list.length === 0) return <p className={styles.none}>{t("queue.noAttributes")}</p>;
  return (
    <div className={styles.attributes}>
      <dl className={styles.list}>
        {list.map(([name, value]) => (
          <div key={name} className={styles.one}>
            <dt>{name}</dt>
            <dd>{value}</dd>
            <dd className={styles.copy}>
              <IconButton label={copied === name ? t("queue.copied") : t("queue.copy", { name })} onClick={() => copy(name, value)}>
                {copied === name ? <Check size={13} aria-hidden="true" /> : <Copy size={13} aria-hidden="true" />}
              </IconButton>
            </dd>
          </div>
        ))}
      </dl>
      <Button size="small" onClick={() => copy("", JSON.stringify(Object.fromEntries(list), null, 2))}>{t("queue.copyAll")}</Button>
    </div>
  );
}
