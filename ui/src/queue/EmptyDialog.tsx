import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { call, type Failure, path } from "../api/client";
import type { Job } from "../api/queues";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";
import { Trouble } from "../ds/Trouble";
import { bytes as sized } from "../lib/numbers";
import { t } from "../words";
import { type Lane, queueKey } from "./useQueue";
import styles from "./EmptyDialog.module.css";

const look = 300;

function Progress({ job }: { job: Job }) {
  const text = useText();
  return (
    <>
      <progress className={styles.progress} max={Math.max(job.total, 1)} value={job.state === "going" ? job.done : Math.max(job.total, 1)} aria-label={t("queue.emptyTitle")} />
      <p role="status">
        {job.state === "going" && t("queue.emptying", { done: job.done, total: job.total })}
        {job.state === "done" && t("queue.emptied", { done: job.done, rows: job.rows })}
        {job.state === "cancelled" && t("queue.emptyStopped")}
      </p>
      {job.left > 0 && <p>{t("queue.emptyLeft", { n: job.left })}</p>}
      {job.error !== undefined && <Trouble text={text(job.error)} />}
    </>
  );
}

/** EmptyDialog empties a queue as work of the server's, shows how far it is and can stop it. */
export function EmptyDialog({ lane, count, bytes, onClose }: { lane: Lane; count: number; bytes: number; onClose: () => void }) {
  const queries = useQueryClient();
  const text = useText();
  const begin = useMutation<Job, Failure>({ mutationFn: () => call<Job>("POST", path(["flows", lane.flow, "connections", lane.wire, "queue", "empty"]), { run: lane.run }) });
  const id = begin.data?.id ?? "";
  const watched = useQuery<Job, Failure>({
    queryKey: ["jobs", id], enabled: id !== "", initialData: begin.data, staleTime: 0,
    queryFn: ({ signal }) => call<Job>("GET", path(["jobs", id]), undefined, signal),
    refetchInterval: (q) => (q.state.data?.state === "going" ? look : false),
  });
  const job = watched.data ?? begin.data;
  const ended = job !== undefined && job.state !== "going";
  const { flow, wire, run } = lane;
  useEffect(() => {
    if (ended) void queries.invalidateQueries({ queryKey: [...queueKey({ flow, wire, run }), "list"] });
  }, [ended, queries, flow, wire, run]);
  const stop = useMutation<unknown, Failure>({ mutationFn: () => call("DELETE", path(["jobs", id])), onSuccess: () => void watched.refetch() });
  const wrong = begin.error ?? stop.error ?? watched.error;
  const footer = ended ? (
    <Button kind="primary" onClick={onClose}>{t("queue.done")}</Button>
  ) : job !== undefined ? (
    <Button busy={stop.isPending} onClick={() => stop.mutate()}>{t("queue.stopJob")}</Button>
  ) : (
    <><Button onClick={onClose}>{t("app.cancel")}</Button><Button kind="danger" busy={begin.isPending} onClick={() => begin.mutate()}>{t("queue.emptyDo", { n: count })}</Button></>
  );
  return (
    <Dialog title={t("queue.emptyTitle")} onClose={onClose} footer={footer}>
      {job === undefined ? <p>{t("queue.emptyAsk", { n: count, bytes: sized(bytes) })}</p> : <Progress job={job} />}
      {job === undefined && lane.run !== "" && <p>{t("queue.emptyRun")}</p>}
      {wrong !== null && <Trouble text={text(wrong)} />}
    </Dialog>
  );
}
