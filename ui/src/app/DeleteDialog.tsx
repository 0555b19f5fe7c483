import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { call, Failure, path } from "../api/client";
import { useText } from "../api/words";
import { t } from "../words";
import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";

/** DeleteDialog deletes a flow; data that is queued is given up only when told so. */
export function DeleteDialog({ flow, onDone }: { flow: string; onDone: () => void }) {
  const [failure, setFailure] = useState<Failure>();
  const text = useText();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const remove = async (drop: boolean) => {
    try {
      await call("DELETE", path(["flows", flow], { drop: drop || undefined }));
      // Else the next flow that is opened would be asked about.
      onDone();
      navigate("/");
      await queries.invalidateQueries({ queryKey: ["flows"] });
    } catch (e) {
      if (e instanceof Failure) setFailure(e);
    }
  };
  const queued = failure?.status === 409;
  return (
    <Dialog title={t("app.deleteTitle", { flow })} onClose={onDone}
      footer={<><Button onClick={onDone}>{t("app.cancel")}</Button><Button kind="danger" onClick={() => void remove(queued)}>{t(queued ? "app.deleteDrop" : "app.delete")}</Button></>}>
      <p>{t("app.deleteWhat")}</p>
      {failure !== undefined && <p role="alert">{text(failure)}</p>}
    </Dialog>
  );
}
