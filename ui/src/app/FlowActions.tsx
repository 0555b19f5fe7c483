import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, Failure, path } from "../api/client";
import { useFlowStatus } from "../api/flows";
import type { KindMap } from "../api/kinds";
import { useText } from "../api/words";
import { useDraft } from "../editor/context";
import { usePlace } from "../lib/place";
import { t } from "../words";
import { useAsks } from "./asking";
import styles from "./FlowActions.module.css";

/** FlowActions hold the flow's main deeds: publish or apply, start and stop, run. */
export function FlowActions({ flow }: { flow: string; kinds: KindMap }) {
  const mode = useDraft((s) => s.doc.mode);
  const version = useDraft((s) => s.version);
  const differs = useDraft((s) => s.differs);
  const status = useFlowStatus(flow);
  const queries = useQueryClient();
  const text = useText();
  const [, go] = usePlace();
  const open = useAsks((a) => a.open);
  const [failure, setFailure] = useState<Failure>();
  const running = status?.status.started === true;
  const toggle = async () => {
    try {
      await call("POST", path(["flows", flow, running ? "stop" : "start"]), {});
      setFailure(undefined);
    } catch (e) {
      if (e instanceof Failure) setFailure(e);
    }
    await queries.invalidateQueries({ queryKey: ["flows"] });
  };
  const unpublished = version === 0 || differs;
  return (
    <span className={styles.actions}>
      {failure !== undefined && <span role="alert" className={styles.failure}>{text(failure)}</span>}
      {unpublished && (
        <button className={styles.second} onClick={() => open({ what: "publish" })}>{t(mode === "continuous" && version > 0 ? "app.apply" : "app.publish")}</button>
      )}
      {mode === "continuous" ? (
        <button className={styles.main} disabled={version === 0} title={version === 0 ? t("app.publishBefore") : undefined} onClick={toggle}>{t(running ? "app.stop" : "app.start")}</button>
      ) : (
        <button className={styles.main} disabled={version === 0} title={version === 0 ? t("app.publishBefore") : undefined} onClick={() => go({ drawer: "runs", tab: "start" })}>{t("app.run")}</button>
      )}
    </span>
  );
}
