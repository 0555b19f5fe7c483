import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call, type Failure, path } from "../api/client";
import type { ParkedFile } from "../api/runs";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";
import { Trouble } from "../ds/Trouble";
import { t } from "../words";

/** Settle asks before parked FlowFiles are tried again or given up. */
export function Settle({ run, kind, list, resumes, onClose, onDone }: { run: string; kind: "retry" | "discard"; list: readonly ParkedFile[]; resumes: boolean; onClose: () => void; onDone: () => void }) {
  const queries = useQueryClient();
  const text = useText();
  const settle = useMutation<unknown, Failure>({
    mutationFn: () => call("POST", path(["runs", run, "parked", kind]), { ids: list.map((p) => p.id) }),
    onSuccess: () => {
      onDone();
      void queries.invalidateQueries({ queryKey: ["parked", run] });
      void queries.invalidateQueries({ queryKey: ["run", run] });
    },
  });
  const discard = kind === "discard";
  const rows = list.reduce((n, p) => n + Math.max(p.rows, 0), 0);
  return (
    <Dialog title={discard ? t("queue.discardTitle", { n: list.length }) : t("queue.retryMany", { n: list.length })} onClose={onClose}
      footer={<><Button onClick={onClose}>{t("app.cancel")}</Button><Button kind={discard ? "danger" : "primary"} busy={settle.isPending} onClick={() => settle.mutate()}>{t(discard ? "queue.discardDo" : "queue.retryOne")}</Button></>}>
      {discard ? <p>{t("queue.discardAsk", { rows: rows.toLocaleString("en") })}</p> : <p>{t(resumes ? "queue.retryResumes" : "queue.retryAsk")}</p>}
      {settle.error !== null && <Trouble text={text(settle.error)} />}
    </Dialog>
  );
}
