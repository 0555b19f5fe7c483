import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, Failure, path } from "../api/client";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";
import { Spinner } from "../ds/Spinner";
import { Table } from "../ds/Table";
import { Trouble } from "../ds/Trouble";
import { ChangeList, type FlowChange } from "../flowfile/ChangeList";
import { lang, t } from "../words";
import styles from "./Page.module.css";

interface Version {
  number: number;
  hash: string;
  published: string;
  by?: string;
  note?: string;
  ad_hoc?: boolean;
}

const time = (at: string) => new Intl.DateTimeFormat(lang(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));

/** Versions lists what was published, with what changed, and goes back to one. */
export function Versions({ flow }: { flow: string }) {
  const text = useText();
  const [shown, setShown] = useState<Version>();
  const versions = useQuery<{ versions: Version[] | null }, Failure>({ queryKey: ["versions", flow], queryFn: ({ signal }) => call<{ versions: Version[] | null }>("GET", path(["flows", flow, "versions"]), undefined, signal) });
  const list = (versions.data?.versions ?? []).filter((v) => v.ad_hoc !== true);
  return (
    <>
      <h2 className={styles.title}>{t("app.pageVersions")}</h2>
      {versions.error !== null && <Trouble text={text(versions.error)} onRetry={() => void versions.refetch()} />}
      {versions.isPending ? <Spinner label={t("app.loading")} /> : versions.data === undefined ? null : list.length === 0 ? <p className={styles.lead}>{t("pages.noVersions")}</p> : (
        <Table
          label={t("app.pageVersions")}
          columns={[
            { id: "n", head: t("pages.version"), number: true }, { id: "at", head: t("pages.published") }, { id: "by", head: t("pages.by") },
            { id: "note", head: t("pages.note") }, { id: "do", head: t("app.menu"), hidden: true },
          ]}
          rows={list.map((v, i) => ({
            id: String(v.number),
            cells: {
              n: v.number, at: time(v.published), by: v.by ?? "", note: v.note ?? "",
              do: i === 0 ? t("pages.inForce") : <Button size="small" onClick={() => setShown(v)}>{t("pages.compare")}</Button>,
            },
          }))}
        />
      )}
      {shown !== undefined && <GoBack flow={flow} version={shown.number} onDone={() => setShown(undefined)} />}
    </>
  );
}

function GoBack({ flow, version, onDone }: { flow: string; version: number; onDone: () => void }) {
  const queries = useQueryClient();
  const text = useText();
  const [failure, setFailure] = useState<Failure>();
  const diff = useQuery<{ changes: FlowChange[] | null }, Failure>({ queryKey: ["diff", flow, "back", version], staleTime: 0, queryFn: ({ signal }) => call<{ changes: FlowChange[] | null }>("GET", path(["flows", flow, "diff"], { from: version, back: true }), undefined, signal) });
  const [busy, setBusy] = useState(false);
  const back = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await call("POST", path(["flows", flow, "rollback"]), { version });
      await queries.invalidateQueries();
      onDone();
    } catch (e) {
      setBusy(false);
      if (e instanceof Failure) setFailure(e);
    }
  };
  return (
    <Dialog title={t("pages.backTitle", { n: version })} onClose={onDone} footer={<><Button onClick={onDone}>{t("app.cancel")}</Button><Button kind="primary" busy={busy} onClick={() => void back()}>{t("pages.back")}</Button></>}>
      <p className={styles.lead}>{t("pages.backWhat")}</p>
      {diff.data !== undefined ? <ChangeList changes={diff.data.changes ?? []} /> : diff.error !== null ? <Trouble text={text(diff.error)} onRetry={() => void diff.refetch()} /> : <Spinner label={t("app.loading")} />}
      {failure !== undefined && <p role="alert">{text(failure)}</p>}
    </Dialog>
  );
}
