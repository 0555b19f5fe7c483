import type { MouseEvent } from "react";
import { useLocation } from "wouter";
import { firing } from "../api/flows";
import { ScheduleSwitch } from "../flowfile/ScheduleSwitch";
import { bytes, short } from "../lib/numbers";
import { lang, t } from "../words";
import { stateWord } from "../runs/StateWord";
import { dotOf, type FlowView, scheduleOf, stateOf } from "./flow";
import styles from "./FlowRow.module.css";

/** FlowRow is a flow's line of the list. */
export function FlowRow({ flow: f }: { flow: FlowView }) {
  const [, navigate] = useLocation();
  const state = stateOf(f);
  const to = `/flows/${encodeURIComponent(f.id)}`;
  const runs = [...(f.last ?? [])].reverse();
  // A link's click is the row's; one for a new tab is the browser's.
  const follow = (e: MouseEvent) => (e.ctrlKey || e.metaKey || e.shiftKey || e.altKey ? e.stopPropagation() : e.preventDefault());
  return (
    <tr className={styles.row} onClick={(e) => (e.target as Element).closest("button") === null && navigate(to)}>
      <td>
        <a href={to} className={styles.name} title={f.name ?? f.id} onClick={follow}>{f.name ?? f.id}</a>
        <span className={styles.id}>{f.id}{f.version > 0 && ` · ${t("app.inForce", { n: f.version })}`}{f.draft === true && ` · ${t("app.draft")}`}</span>
      </td>
      <td>
        <span className={styles.state} data-state={state}>{t(`home.is.${state}`)}</span>
        {(f.problems ?? 0) > 0 && <span className={styles.problems}>! {t("app.problems", { n: f.problems ?? 0 })}</span>}
      </td>
      <td><ScheduleSwitch flow={f} />{scheduleOf(f)}</td>
      <td>{f.next === undefined ? "–" : <>{firing(f.next, f.schedule?.zone, lang())} <span className={styles.id}>{t("home.slot", { slot: f.next_slot ?? "" })}</span></>}</td>
      <td>
        {runs.length === 0 && "–"}
        <span className={styles.dots}>
          {runs.map((r) => (
            <a key={r.run} href={`${to}?run=${r.run}&drawer=runs`} className={styles.dot} data-run={dotOf(r.state)} title={`${r.slot} ${stateWord(r.state)}`} aria-label={`${r.slot} ${stateWord(r.state)}`}
              onClick={(e) => {
                follow(e);
                if (!e.defaultPrevented) return;
                e.stopPropagation();
                navigate(`${to}?run=${r.run}&drawer=runs`);
              }} />
          ))}
        </span>
      </td>
      <td className={styles.number}>{(f.queued ?? 0) > 0 ? `${short(f.queued ?? 0)} · ${bytes(f.queued_bytes ?? 0)}` : "–"}</td>
      <td className={styles.number}>{(f.out_rate ?? 0) > 0 ? t("home.perSecond", { n: short(f.out_rate ?? 0) }) : "–"}</td>
    </tr>
  );
}
