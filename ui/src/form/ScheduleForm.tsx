import { ComboInput, type Completion } from "../ds/ComboInput";
import { Field } from "../ds/Field";
import { Select } from "../ds/Select";
import { Switch } from "../ds/Switch";
import { useDraft, useEditor } from "../editor/context";
import { t } from "../words";
import type { Schedule } from "./firings";
import { MissedControl } from "./FlowForm";
import styles from "./form.module.css";
import { NextSlots } from "./NextSlots";
import { PathControl, PathField } from "./PathField";

const zones: string[] = typeof Intl.supportedValuesOf === "function" ? ["UTC", ...Intl.supportedValuesOf("timeZone")] : ["UTC", "Asia/Seoul"];

const ofZones = (text: string, _: number, asked: boolean): Completion => ({
  from: 0, to: text.length, offers: zones.filter((z) => z !== text && (asked || z.toLowerCase().includes(text.toLowerCase().replaceAll(" ", "_")))).slice(0, 80).map((value) => ({ value })),
});

/** ScheduleForm edits when a flow of dated runs fires. */
export function ScheduleForm({ of }: { of: string }) {
  const editor = useEditor();
  const schedule = useDraft((s) => s.doc.schedule);
  const toggle = (on: boolean) => {
    const value: Schedule = { every: "day", at: "06:00", zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
    editor.change(t("inspector.does", { property: t("pages.schedule"), name: of }), [on ? { path: ["schedule"], value } : { path: ["schedule"] }]);
  };
  return (
    <section className={styles.section} aria-label={t("pages.schedule")}>
      <h3 className={styles.heading}>{t("pages.schedule")}</h3>
      <Field label={t("pages.scheduleOn")} doc={schedule === undefined ? t("pages.scheduleNone") : undefined} inline>
        {(ids) => <Switch {...ids} checked={schedule !== undefined} onChange={toggle} />}
      </Field>
      {schedule !== undefined && (
        <>
          <PathControl path={["schedule", "every"]} of={of} label={t("pages.slotEvery")} doc={t("pages.slotEveryDoc")}>
            {(value, set, ids) => <Select {...ids} value={String(value ?? "")} onChange={set} options={(["hour", "day", "week", "month"] as const).map((v) => ({ value: v, label: t(`pages.every_${v}`) }))} />}
          </PathControl>
          {(schedule.cron === undefined || schedule.at !== undefined) && <PathField path={["schedule", "at"]} of={of} label={t(schedule.every === "hour" ? "pages.atMinute" : "pages.fireAt")} doc={t("pages.atDoc")} placeholder={schedule.every === "hour" ? "15" : "06:00"} mono />}
          {(schedule.at === undefined || schedule.cron !== undefined) && <PathField path={["schedule", "cron"]} of={of} label={t("inspector.cron")} doc={t("pages.cronDoc")} placeholder="0 6 * * 1-5" />}
          <PathControl path={["schedule", "zone"]} of={of} label={t("pages.zone")}>
            {(value, set, ids) => <ComboInput {...ids} value={String(value ?? "")} onCommit={(v) => set(v.trim())} complete={ofZones} closed placeholder="Asia/Seoul" />}
          </PathControl>
          <MissedControl of={of} />
          <NextSlots schedule={schedule} />
        </>
      )}
    </section>
  );
}
