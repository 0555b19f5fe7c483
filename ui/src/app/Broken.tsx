import { useState } from "react";
import { Button } from "../ds/Button";
import { t } from "../words";
import styles from "./Broken.module.css";

/** lost tells whether a part of the program could not be loaded, which only the page can load again. */
const lost = (error: unknown): boolean => error instanceof Error && /dynamically imported module|importing a module script|preload CSS/i.test(error.message);

/** detailsOf is what a report needs: what broke, where, in which page and browser. */
export function detailsOf(what: string, error: unknown, stack: string): string {
  const thrown = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
  // Where a browser's stack begins with the message it is said once.
  const head = error instanceof Error && !thrown.includes(error.message) ? `${error.name}: ${error.message}\n` : "";
  return [`${what} · ${location.pathname}`, navigator.userAgent, "", head + thrown, stack.trim()].join("\n").trim();
}

/** Broken stands where a part of the page was that threw. */
export function Broken({ what, error, stack, onAgain }: { what: string; error: unknown; stack: string; onAgain?: (() => void) | undefined }) {
  const [copied, setCopied] = useState(false);
  const details = detailsOf(what, error, stack);
  const reload = () => location.reload();
  const copy = () => void navigator.clipboard?.writeText(details).then(() => setCopied(true), () => setCopied(false));
  const old = lost(error);
  return (
    <section role="alert" aria-label={t("app.broken", { what })} className={styles.broken}>
      <h2 className={styles.title}>{t("app.broken", { what })}</h2>
      <p className={styles.text}>{t(old ? "app.brokenOld" : onAgain === undefined ? "app.brokenWhole" : "app.brokenRest")}</p>
      <div className={styles.deeds}>
        {onAgain !== undefined && !old && <Button kind="primary" onClick={onAgain}>{t("app.brokenAgain")}</Button>}
        <Button kind={onAgain === undefined || old ? "primary" : "plain"} onClick={reload}>{t("app.brokenReload")}</Button>
        <Button kind="quiet" onClick={copy}>{t(copied ? "app.brokenCopied" : "app.brokenCopy")}</Button>
      </div>
      <details className={styles.details}>
        <summary>{t("app.brokenDetails")}</summary>
        <pre>{details}</pre>
      </details>
    </section>
  );
}
