import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call, type Failure, path } from "../api/client";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";
import { Trouble } from "../ds/Trouble";
import { t } from "../words";

/** CancelDialog cancels a run that is at work or waits to be. */
export function CancelDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const queries = useQueryClient();
  const text = useText();
  const cancel = useMutation<unknown, Failure>({
    mutationFn: () => call("POST", path(["runs", id, "cancel"]), {}),
    onSuccess: () => {
      onClose();
      void queries.invalidateQueries({ queryKey: ["run", id] });
    },
  });
  return (
    <Dialog title={t("runs.cancelTitle")} onClose={onClose}
      footer={<><Button onClick={onClose}>{t("runs.keep")}</Button><Button kind="danger" busy={cancel.isPending} onClick={() => cancel.mutate()}>{t("runs.cancelDo")}</Button></>}>
      <p>{t("runs.cancelAsk")}</p>
      {cancel.error !== null && <Trouble text={text(cancel.error)} />}
    </Dialog>
  );
}
