import { type FlowStatus, firing, scheduled, useFlowStatus, useSwitch } from "../api/flows";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Field } from "../ds/Field";
import { Switch } from "../ds/Switch";
import { useDraft } from "../editor/context";
import { lang, t } from "../words";
import styles from "./ScheduleSwitch.module.css";

/** ScheduleSwitch turns the schedule of a flow in a list on and off; it is nothing where there is no schedule in force. */
export function ScheduleSwitch({ flow }: { flow: FlowStatus }) {
  return scheduled(flow) ? <OnOff flow={flow} /> : null;
}

function OnOff({ flow }: { flow: FlowStatus }) {
  const { flip, failure } = useSwitch(flow.id);
  const text = useText();
  return (
    <span className={styles.cell}>
      <Switch aria-label={t("app.scheduleOf", { name: flow.name ?? flow.id })} checked={flow.status.enabled === true} onChange={(on) => void flip(on ? "enable" : "disable")} />
      {failure !== undefined && <span role="alert" className={styles.failure}>{text(failure)}</span>}
    </span>
  );
}

/** ScheduleState tells whether the schedule of a flow's version in force makes runs, and lets it. */
export function ScheduleState({ flow }: { flow: string }) {
  const status = useFlowStatus(flow);
  const drafted = useDraft((s) => s.doc.mode !== "continuous" && s.doc.schedule !== undefined);
  const { flip, failure } = useSwitch(flow);
  const text = useText();
  if (status === undefined) return null;
  const can = scheduled(status);
  if (!can && !drafted) return null;
  const { enabled, paused } = status.status;
  const told = !can ? t("pages.inForceNone")
    : enabled !== true ? t("pages.inForceOff")
      : status.next === undefined ? undefined
        : t("pages.inForceNext", { at: firing(status.next, status.schedule?.zone, lang()), zone: status.schedule?.zone ?? "", slot: status.next_slot ?? "" });
  return (
    <section className={styles.state} aria-label={t("pages.scheduleActs")}>
      <Field label={t("pages.scheduleActs")} doc={told} errors={failure === undefined ? [] : [text(failure)]} inline>
        {(ids) => <Switch {...ids} disabled={!can} checked={can && enabled === true} onChange={(on) => void flip(on ? "enable" : "disable")} />}
      </Field>
      {can && paused === true && <p className={styles.held}>{t("pages.held")} <Button size="small" onClick={() => void flip("unpause")}>{t("app.unpause")}</Button></p>}
    </section>
  );
}
