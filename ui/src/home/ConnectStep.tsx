import { Check } from "lucide-react";
import { type ReactNode, useId } from "react";
import { t } from "../words";
import styles from "./Connect.module.css";

export interface ConnectStepProps {
  n: number;
  title: string;
  state: "done" | "now" | "later";
  /** side stands at the end of the title's line. */
  side?: ReactNode;
  children: ReactNode;
}

/** ConnectStep is one step of the way; what comes later shows its name alone. */
export function ConnectStep({ n, title, state, side, children }: ConnectStepProps) {
  const id = useId();
  return (
    <li className={styles.step} data-state={state} aria-labelledby={id} aria-current={state === "now" ? "step" : undefined}>
      <span className={styles.mark} aria-hidden="true">{state === "done" ? <Check size={15} strokeWidth={2.5} /> : n}</span>
      <div className={styles.body}>
        <div className={styles.head}>
          <h2 id={id} className={styles.name}><span className="sr">{t("connect.step", { n })}: </span>{title}{state === "done" && <span className="sr"> ({t("connect.done")})</span>}</h2>
          {side}
        </div>
        {state === "later" ? <p className={styles.later}>{t("connect.later", { n: n - 1 })}</p> : children}
      </div>
    </li>
  );
}
