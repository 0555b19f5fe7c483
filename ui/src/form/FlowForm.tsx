import { Field } from "../ds/Field";
import { Select } from "../ds/Select";
import { useDraft, useEditor } from "../editor/context";
import { longestName } from "../lib/names";
import { t } from "../words";
import styles from "./form.module.css";
import { NotifyForm } from "./NotifyForm";
import { PathControl, PathField } from "./PathField";
import { ScheduleForm } from "./ScheduleForm";

/** FlowForm edits what a flow says of itself: its name, how it runs, and who is told. */
export function FlowForm() {
  const editor = useEditor();
  const doc = useDraft((s) => s.doc);
  const of = doc.name ?? doc.id;
  const chooseMode = (mode: string) => {
    const label = t("inspector.does", { property: t("pages.mode"), name: of });
    editor.change(label, [{ path: ["mode"], value: mode }, ...(mode === "continuous" && doc.schedule !== undefined ? [{ path: ["schedule"] }] : [])]);
  };
  return (
    <div className={styles.form}>
      <PathField path={["name"]} of={of} label={t("inspector.name")} placeholder={doc.id} most={longestName} />
      <PathField path={["doc"]} of={of} label={t("inspector.doc")} lines />
      <Field label={t("pages.mode")} doc={t(doc.mode === "runs" ? "pages.modeRunsDoc" : "pages.modeContinuousDoc")}>
        {(ids) => <Select {...ids} value={doc.mode} onChange={chooseMode} options={[{ value: "runs", label: t("pages.modeRuns") }, { value: "continuous", label: t("pages.modeContinuous") }]} />}
      </Field>
      {doc.mode === "runs" && <ScheduleForm of={of} />}
      {doc.mode === "runs" && (
        <section className={styles.section} aria-label={t("pages.policy")}>
          <h3 className={styles.heading}>{t("pages.policy")}</h3>
          <PathField path={["policy", "retries"]} of={of} label={t("pages.retries")} doc={t("pages.retriesDoc")} placeholder="1" number />
          <PathField path={["policy", "retry_delay"]} of={of} label={t("pages.retryDelay")} placeholder="5m" mono />
          <PathField path={["policy", "timeout"]} of={of} label={t("pages.timeout")} doc={t("pages.timeoutDoc")} placeholder="1h" mono />
          <PathField path={["policy", "max_active_runs"]} of={of} label={t("pages.maxRuns")} placeholder="1" number />
        </section>
      )}
      {doc.mode === "runs" && <NotifyForm of={of} />}
    </div>
  );
}

/** MissedControl says what becomes of slots that nobody ran. */
export function MissedControl({ of }: { of: string }) {
  return (
    <PathControl path={["schedule", "missed"]} of={of} label={t("pages.missed")} doc={t("pages.missedDoc")}>
      {(value, set, ids) => (
        <Select {...ids} value={typeof value === "string" ? value : ""} onChange={(v) => set(v === "" ? undefined : v)}
          options={[{ value: "", label: t("inspector.default", { value: t("pages.missedLast") }) }, { value: "last", label: t("pages.missedLast") }, { value: "all", label: t("pages.missedAll") }, { value: "none", label: t("pages.missedNone") }]} />
      )}
    </PathControl>
  );
}
