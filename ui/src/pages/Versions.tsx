import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, Failure, path } from "../api/client";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";
import { Table } from "../ds/Table";
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
  const [shown, setShown] = useState<Version>();
  const versions = useQuery({ queryKey: ["versions", flow], queryFn: ({ signal }) => call<{ versions: Version[] | null }>("GET", path(["flows", flow, "versions"]), undefined, signal) });
  const list = (versions.data?.versions ?? []).filter((v) => v.ad_hoc !== true);
  return (
    <>
      <h2 className={styles.title}>{t("app.pageVersions")}</h2>
      {list.length === 0 ? <p className={styles.lead}>{t("pages.noVersions")}</p> : (
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
  const diff = useQuery({ queryKey: ["diff", flow, "back", version], staleTime: 0, queryFn: ({ signal }) => call<{ changes: FlowChange[] | null }>("GET", path(["flows", flow, "diff"], { from: version, back: true }), undefined, signal) });
  const back = async () => {
    try {
      await call("POST", path(["flows", flow, "rollback"]), { version });
      await queries.invalidateQueries();
      onDone();
    } catch (e) {
      if (e instanceof Failure) setFailure(e);
    }
  };
  return (
    <Dialog title={t("pages.backTitle", { n: version })} onClose={onDone} footer={<><Button onClick={onDone}>{t("app.cancel")}</Button><Button kind="primary" onClick={back}>{t("pages.back")}</Button></>}>
      <p className={styles.lead}>{t("pages.backWhat")}</p>
      {diff.isSuccess && <ChangeList changes={diff.data.changes ?? []} />}
      {failure !== undefined && <p role="alert">{text(failure)}</p>}
    </Dialog>
  );
}
