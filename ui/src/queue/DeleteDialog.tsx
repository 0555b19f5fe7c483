import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call, type Failure, path } from "../api/client";
import type { Queued } from "../api/queues";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";
import { Trouble } from "../ds/Trouble";
import { bytes } from "../lib/numbers";
import { t } from "../words";
import { type Lane, queueKey } from "./useQueue";

/** DeleteDialog deletes one FlowFile of a queue. */
export function DeleteDialog({ lane, item, onClose, onDone }: { lane: Lane; item: Queued; onClose: () => void; onDone: () => void }) {
  const queries = useQueryClient();
  const text = useText();
  const remove = useMutation<unknown, Failure>({
    mutationFn: () => call("DELETE", path(["flows", lane.flow, "connections", lane.wire, "queue", item.at], { run: lane.run })),
    onSuccess: () => {
      onClose();
      onDone();
      void queries.invalidateQueries({ queryKey: [...queueKey(lane), "list"] });
    },
  });
  return (
    <Dialog title={t("queue.deleteTitle", { id: item.id.slice(-10) })} onClose={onClose}
      footer={<><Button onClick={onClose}>{t("app.cancel")}</Button><Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>{t("queue.deleteDo")}</Button></>}>
      <p>{t("queue.deleteAsk", { rows: item.rows < 0 ? "?" : item.rows, bytes: bytes(item.size) })}</p>
      {lane.run !== "" && <p>{t("queue.emptyRun")}</p>}
      {remove.error !== null && <Trouble text={text(remove.error)} />}
    </Dialog>
  );
}
