import { useState } from "react";
import { call, Failure, path } from "../api/client";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { useDraft } from "../editor/context";
import { t } from "../words";
import styles from "./form.module.css";

/** NoticeTest sends a test message to whom the flow's version in force tells. */
export function NoticeTest() {
  const flow = useDraft((s) => s.flow);
  const version = useDraft((s) => s.version);
  const text = useText();
  const [told, setTold] = useState<{ busy?: boolean; sent?: string[]; failure?: Failure }>({});
  const send = async () => {
    setTold({ busy: true });
    try {
      setTold({ sent: (await call<{ sent: string[] }>("POST", path(["flows", flow, "notify"]), {})).sent });
    } catch (e) {
      if (!(e instanceof Failure)) throw e;
      setTold({ failure: e });
    }
  };
  return (
    <div className={styles.flip}>
      <Button size="small" disabled={version === 0} busy={told.busy} onClick={() => void send()}>{t("pages.notifyTest")}</Button>
      <output className={styles.hint}>{version === 0 ? t("pages.notifyPublish") : told.sent !== undefined ? t("pages.notifySent", { to: told.sent.join(", ") }) : ""}</output>
      {told.failure !== undefined && <span role="alert" className={styles.error}>{text(told.failure)}</span>}
    </div>
  );
}
