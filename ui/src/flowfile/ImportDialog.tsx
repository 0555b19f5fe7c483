import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { call, Failure, path, Raw } from "../api/client";
import { useText } from "../api/words";
import type { Problem } from "../api/wire";
import { t } from "../words";
import { type Access, AccessList } from "./AccessList";
import { ChangeList, type FlowChange } from "./ChangeList";
import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";

interface Preview {
  flow: string;
  exists: boolean;
  version: number;
  changes?: FlowChange[];
  problems?: Problem[];
  /** access is absent where the file is too wrong to tell. */
  access?: Access;
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** ImportDialog shows what a flow file would replace and may touch before it is taken in. */
export function ImportDialog({ text: file, onDone }: { text: string; onDone: () => void }) {
  const sound = isJson(file);
  const text = useText();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const preview = useQuery({
    queryKey: ["preview", file],
    enabled: sound,
    retry: false,
    queryFn: ({ signal }) => call<Preview>("POST", "/flows/preview", new Raw(`{"doc":${file}}`), signal),
  });
  const take = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const done = await call<{ flow: string }>("POST", "/flows", new Raw(`{"doc":${file},"draft":true}`));
      await queries.invalidateQueries();
      onDone();
      navigate(path(["flows", done.flow]));
    } catch (e) {
      setBusy(false);
      if (e instanceof Failure) setFailure(e);
    }
  };
  const p = preview.data;
  const wrong = failure ?? (preview.error instanceof Failure ? preview.error : undefined);
  return (
    <Dialog title={p === undefined ? t("app.import") : t(p.exists ? "app.importReplaces" : "app.importNew", { flow: p.flow })} onClose={onDone}
      footer={<><Button onClick={onDone}>{t("app.cancel")}</Button><Button kind="primary" disabled={p === undefined} busy={busy} onClick={() => void take()}>{t("app.import")}</Button></>}>
      {!sound && <p role="alert">{t("app.importNotJson")}</p>}
      {wrong !== undefined && <p role="alert">{text(wrong)}</p>}
      {p?.exists === true && <ChangeList changes={p.changes ?? []} />}
      {p !== undefined && (p.problems?.length ?? 0) > 0 && <ul>{p.problems?.map((q, i) => <li key={`${q.path} ${i}`}>{text(q)}</li>)}</ul>}
      {p?.access !== undefined && <><h3>{t("app.accessTitle")}</h3><AccessList access={p.access} /></>}
      {p !== undefined && <p>{t("app.importStopped")}</p>}
    </Dialog>
  );
}
