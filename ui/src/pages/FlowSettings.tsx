import { DraftAccess } from "../flowfile/DraftAccess";
import { ScheduleState } from "../flowfile/ScheduleSwitch";
import { useDraft } from "../editor/context";
import { FlowForm } from "../form/FlowForm";
import { VerifyPanel } from "../form/VerifyPanel";
import { t } from "../words";
import styles from "./Edit.module.css";

/** FlowSettings is the page of what a flow says of itself. */
export function FlowSettings() {
  const flow = useDraft((s) => s.flow);
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("pages.flow")}</h1>
      <VerifyPanel />
      <ScheduleState flow={flow} />
      <div className={styles.flow}>
        <h2 className="sr">{t("inspector.openFlow")}</h2>
        <FlowForm />
      </div>
      <DraftAccess />
    </div>
  );
}
