import { CircleCheck, CircleMinus, CircleX, ShieldCheck } from "lucide-react";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Trouble } from "../ds/Trouble";
import { t } from "../words";
import { asFailure, owners, type Step } from "./connect";
import styles from "./Connect.module.css";

const icons = { ok: CircleCheck, failed: CircleX, skipped: CircleMinus };

export interface ConnectChecksProps {
  steps: Step[] | undefined;
  error: unknown;
  busy: boolean;
  onCheck: () => void;
}

/** ConnectChecks shows what can be reached, service by service, and what to do where it cannot. */
export function ConnectChecks({ steps, error, busy, onCheck }: ConnectChecksProps) {
  const text = useText();
  const failed = steps?.filter((s) => s.state === "failed").length ?? 0;
  return (
    <>
      <p className={styles.lead}>{t("connect.checks.lead")}</p>
      <div className={styles.actions}>
        <Button kind={steps === undefined ? "primary" : "plain"} icon={<ShieldCheck size={15} aria-hidden="true" />} busy={busy} onClick={onCheck}>
          {t(busy ? "connect.checking" : steps === undefined ? "connect.check" : "connect.checkAgain")}
        </Button>
        <output className={styles.sum} data-failed={failed > 0 || undefined}>
          {!busy && steps !== undefined && (failed > 0 ? t("connect.bad", { n: failed }) : t("connect.good", { n: steps.filter((s) => s.state === "ok").length }))}
        </output>
      </div>
      {!busy && error !== null && <Trouble text={text(asFailure(error))} />}
      {!busy && steps !== undefined && (
        <div className={styles.groups}>
          {owners.map((o) => (
            <section key={o} className={styles.group} aria-label={t(`connect.of.${o}`)}>
              <h3 className={styles.owner}>{t(`connect.of.${o}`)}</h3>
              <ol className={styles.checks}>
                {steps.map((s, i) => s.node === o && <Line key={i} step={s} at={i} />)}
              </ol>
            </section>
          ))}
        </div>
      )}
    </>
  );
}

function Line({ step: s, at }: { step: Step; at: number }) {
  const text = useText();
  const Icon = icons[s.state];
  return (
    <li className={styles.check} data-state={s.state} style={{ animationDelay: `${Math.min(at, 30) * 70}ms` }}>
      <Icon size={16} aria-hidden="true" className={styles.icon} />
      <div className={styles.told}>
        <p>{text(s.step)} <span className={s.state === "ok" ? "sr" : styles.word}>{t(`connect.is.${s.state}`)}</span></p>
        {s.note !== undefined && <p className={styles.note}>{text(s.note)}</p>}
        {s.fault !== undefined && <p className={styles.fault}>{text(s.fault)}</p>}
      </div>
    </li>
  );
}
