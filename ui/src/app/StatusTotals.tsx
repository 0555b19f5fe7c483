import { path } from "../api/client";
import { firing, scheduled, useFlowStatus } from "../api/flows";
import { useDraft } from "../editor/context";
import { Link } from "wouter";
import { bytes, short } from "../lib/numbers";
import { usePlace } from "../lib/place";
import { LiveLag } from "../live/LiveLag";
import { useTotals, useWatchers } from "../live/hooks";
import { lang, t } from "../words";
import { clientId } from "./clientId";
import styles from "./StatusTotals.module.css";

/** StatusTotals counts the nodes by state, what is queued, and the problems. */
export function StatusTotals({ flow }: { flow: string }) {
  const problems = useDraft((s) => s.problems.length);
  const totals = useTotals(flow);
  const others = useWatchers(flow).filter((w) => w.client !== clientId());
  const [, go] = usePlace();
  const status = useFlowStatus(flow);
  const next = status === undefined || !scheduled(status) ? undefined
    : status.status.paused === true ? t("home.is.paused")
      : status.status.enabled !== true ? t("home.is.off")
        : status.next === undefined ? undefined : t("app.nextRun", { at: firing(status.next, status.schedule?.zone, lang()) });
  const counts = [
    { n: totals?.running ?? 0, glyph: "▶", text: "app.running", tone: styles.run },
    { n: totals?.stopped ?? 0, glyph: "■", text: "app.stopped", tone: undefined },
    { n: totals?.invalid ?? 0, glyph: "!", text: "app.invalid", tone: styles.amber },
    { n: totals?.disabled ?? 0, glyph: "⊘", text: "app.disabled", tone: undefined },
  ] as const;
  return (
    <span className={styles.totals}>
      {others.map((w) => (
        <span key={w.client} className={styles.other} title={t("app.alsoHere", { who: w.who })}>{w.who.slice(0, 2)}</span>
      ))}
      {counts.filter((c) => c.n > 0).map((c) => (
        <span key={c.text} className={styles.pill} title={t(c.text, { n: c.n })}>
          <span aria-hidden="true" className={c.tone}>{c.glyph}</span>
          <span aria-hidden="true">{c.n}</span>
          <span className="sr">{t(c.text, { n: c.n })}</span>
        </span>
      ))}
      {totals !== undefined && <span className={styles.pill}>{t("app.queued", { n: short(totals.queued), bytes: bytes(totals.bytes) })}</span>}
      {next !== undefined && <Link href={path(["flows", flow, "settings"])} className={styles.next} data-off={status?.status.enabled !== true || status.status.paused === true || undefined}>{next}</Link>}
      {problems > 0 && (
        <button className={styles.problems} onClick={() => go({ drawer: "problems" })}>
          <span aria-hidden="true">!</span> {t("app.problems", { n: problems })}
        </button>
      )}
      <LiveLag />
    </span>
  );
}
