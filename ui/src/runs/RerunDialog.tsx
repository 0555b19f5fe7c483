import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call, type Failure, path } from "../api/client";
import type { Run, RunView } from "../api/runs";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";
import { Trouble } from "../ds/Trouble";
import { useDraft } from "../editor/context";
import { t } from "../words";
import { Replaces } from "./Replaces";

/** RerunDialog runs a slot anew, and tells first what that writes over. */
export function RerunDialog({ run, onClose, onDone }: { run: Run; onClose: () => void; onDone: (run: string) => void }) {
  const queries = useQueryClient();
  const text = useText();
  const version = useDraft((s) => s.version);
  const again = useMutation<RunView, Failure>({
    mutationFn: () => call<RunView>("POST", path(["runs", run.id, "rerun"]), {}),
    onSuccess: (view) => {
      onClose();
      void queries.invalidateQueries({ queryKey: ["runs", run.flow] });
      onDone(view.run.id);
    },
  });
  return (
    <Dialog title={t("runs.rerunTitle", { slot: run.slot ?? run.id.slice(-8) })} onClose={onClose}
      footer={<><Button onClick={onClose}>{t("app.cancel")}</Button><Button kind="primary" busy={again.isPending} onClick={() => again.mutate()}>{t("runs.rerunDo")}</Button></>}>
      <p>{t("runs.rerunAsk")}</p>
      <Replaces run={run} maybe={run.flow_versions.at(-1) !== version} />
      {again.error !== null && <Trouble text={text(again.error)} />}
    </Dialog>
  );
}
