import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, type Failure, path } from "../api/client";
import { rowsOf, type RunView } from "../api/runs";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";
import { Spinner } from "../ds/Spinner";
import { Trouble } from "../ds/Trouble";
import { ChangeList } from "../flowfile/ChangeList";
import { t } from "../words";
import styles from "./RunsDrawer.module.css";

/** ResumeDialog takes a failed run up again: as it was, or with the version in force, whose difference is shown first. */
export function ResumeDialog({ view, onClose }: { view: RunView; onClose: () => void }) {
  const queries = useQueryClient();
  const text = useText();
  const { run } = view;
  const [latest, setLatest] = useState(false);
  const [accept, setAccept] = useState(false);
  const rejected = rowsOf(run).rejected;
  const at = path(["runs", run.id, "resume"]);
  const trial = useQuery<RunView, Failure>({
    queryKey: ["run", run.id, "adopts"], enabled: latest, staleTime: 0, retry: false,
    queryFn: ({ signal }) => call<RunView>("POST", at, { latest: true, dry_run: true }, signal),
  });
  const resume = useMutation<unknown, Failure>({
    mutationFn: () => call("POST", at, { latest, accept_rejects: accept }),
    onSuccess: () => {
      onClose();
      void queries.invalidateQueries({ queryKey: ["run", run.id] });
      void queries.invalidateQueries({ queryKey: ["runs", run.flow] });
    },
  });
  const adopts = trial.data?.adopts;
  return (
    <Dialog wide title={t("runs.resumeTitle")} onClose={onClose}
      footer={<><Button onClick={onClose}>{t("app.cancel")}</Button><Button kind="primary" disabled={latest && trial.data === undefined} busy={resume.isPending} onClick={() => resume.mutate()}>{t("runs.resumeDo")}</Button></>}>
      <p>{t("runs.resumeAsk")}</p>
      <fieldset className={styles.choices}>
        <legend className="sr">{t("runs.resumeTitle")}</legend>
        <label className={styles.choice}><input type="radio" name="with" checked={!latest} onChange={() => setLatest(false)} />{t("runs.resumeSame", { n: run.flow_versions.at(-1) ?? 0 })}</label>
        <label className={styles.choice}><input type="radio" name="with" checked={latest} onChange={() => setLatest(true)} />{t("runs.resumeLatest")}</label>
      </fieldset>
      {latest && trial.isFetching && <Spinner label={t("app.loading")} />}
      {latest && trial.error !== null && <Trouble text={text(trial.error)} />}
      {latest && trial.data !== undefined && (adopts === undefined ? <p>{t("runs.resumeNoChange")}</p> : <><p>{t("runs.resumeAdopts", { n: adopts.version })}</p><ChangeList changes={adopts.changed ?? []} /></>)}
      {rejected > 0 && <label className={styles.choice}><input type="checkbox" checked={accept} onChange={(e) => setAccept(e.target.checked)} />{t("runs.acceptRejects", { n: rejected.toLocaleString("en") })}</label>}
      {resume.error !== null && <Trouble text={text(resume.error)} />}
    </Dialog>
  );
}
