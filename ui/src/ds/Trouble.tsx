import { t } from "../words";
import { Button } from "./Button";
import styles from "./Trouble.module.css";

/** Trouble says why something cannot be shown or done. */
export function Trouble({ text, onRetry }: { text: string; onRetry?: () => void }) {
  return (
    <div role="alert" className={styles.trouble}>
      <span aria-hidden="true" className={styles.mark}>!</span>
      <p>{text}</p>
      {onRetry !== undefined && <Button size="small" onClick={onRetry}>{t("queue.again")}</Button>}
    </div>
  );
}
