import { DraftAccess } from "../flowfile/DraftAccess";
import { FlowForm } from "../form/FlowForm";
import { VerifyPanel } from "../form/VerifyPanel";
import { t } from "../words";
import styles from "./Edit.module.css";

/** FlowSettings is the page of what a flow says of itself. */
export function FlowSettings() {
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{t("pages.flow")}</h1>
      <VerifyPanel />
      <div className={styles.flow}>
        <h2 className="sr">{t("inspector.openFlow")}</h2>
        <FlowForm />
      </div>
      <DraftAccess />
    </div>
  );
}
