import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import type { Failure } from "../api/client";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Trouble } from "../ds/Trouble";
import { t } from "../words";
import { asFailure, type Made, makeFlow, type Picked, type Project } from "./connect";
import styles from "./Connect.module.css";

/** ConnectMake makes the flow as a draft and opens it. */
export function ConnectMake({ project, picked, ready }: { project: Project; picked: Picked; ready: boolean }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [made, setMade] = useState<Made>();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const text = useText();
  const open = (flow: string) => navigate(`/flows/${encodeURIComponent(flow)}`);
  const make = async (replace: boolean) => {
    setBusy(true);
    setFailure(undefined);
    try {
      const out = await makeFlow(project, picked, replace);
      await queries.invalidateQueries({ queryKey: ["flows"] });
      if ((out.doubts ?? []).length === 0) open(out.flow);
      else setMade(out);
    } catch (e) {
      setFailure(asFailure(e));
    } finally {
      setBusy(false);
    }
  };
  if (made !== undefined) {
    return (
      <div className={styles.body}>
        <p><output>{t("connect.make.doubts", { flow: made.flow })}</output></p>
        <ul className={styles.does}>{made.doubts?.map((d) => <li key={d}>{d}</li>)}</ul>
        <div className={styles.actions}><Button kind="primary" onClick={() => open(made.flow)}>{t("connect.make.open")}</Button></div>
      </div>
    );
  }
  return (
    <>
      <p className={styles.lead}>{t("connect.make.lead")}</p>
      {failure !== undefined && <Trouble text={text(failure)} />}
      <div className={styles.actions}>
        <Button kind="primary" busy={busy} disabled={!ready} onClick={() => void make(false)}>{t("connect.make.go")}</Button>
        {failure?.code === "flow_id_taken" && <Button kind="danger" busy={busy} onClick={() => void make(true)}>{t("connect.make.replace")}</Button>}
      </div>
    </>
  );
}
