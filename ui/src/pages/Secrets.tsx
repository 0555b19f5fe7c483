import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { call, Failure, path } from "../api/client";
import { useText } from "../api/words";
import type { FlowDoc } from "../api/wire";
import { Button } from "../ds/Button";
import { Dialog } from "../ds/Dialog";
import { Empty } from "../ds/Empty";
import { IconButton } from "../ds/IconButton";
import { Table } from "../ds/Table";
import { useSecrets } from "../form/form";
import { SealSecret } from "../form/SecretControl";
import { t } from "../words";
import styles from "./Edit.module.css";
import { usesOfSecret } from "./usage";

const atOnce = 20;

/** useFlowsOf returns, by secret, the flows whose drafts name it. */
function useFlowsOf(secrets: readonly string[] | undefined): Map<string, { id: string; name: string }[]> | undefined {
  return useQuery({
    queryKey: ["secret uses", secrets], enabled: secrets !== undefined && secrets.length > 0,
    queryFn: async ({ signal }) => {
      const { flows } = await call<{ flows: { id: string }[] }>("GET", "/flows", undefined, signal);
      const docs: { doc: FlowDoc }[] = [];
      // All of them, some at a time: a flow that is left out would make a secret look unused.
      for (let i = 0; i < flows.length; i += atOnce) {
        docs.push(...(await Promise.all(flows.slice(i, i + atOnce).map((f) => call<{ doc: FlowDoc }>("GET", path(["flows", f.id, "draft"]), undefined, signal)))));
      }
      return new Map(secrets?.map((s) => [s, docs.filter(({ doc }) => usesOfSecret(doc, s).length > 0).map(({ doc }) => ({ id: doc.id, name: doc.name ?? doc.id }))]));
    },
  }).data;
}

/** Secrets lists the names of the secrets; values are never shown. */
export function Secrets() {
  const queries = useQueryClient();
  const text = useText();
  const secrets = useSecrets();
  const flows = useFlowsOf(secrets);
  const [sealing, setSealing] = useState<string>();
  const [going, setGoing] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const ask = (name: string) => {
    setFailure(undefined);
    setGoing(name);
  };
  const remove = async (name: string) => {
    try {
      const now = await call<{ secrets: string[] }>("DELETE", path(["secrets", name]));
      queries.setQueryData(["secrets"], now.secrets);
      setGoing(undefined);
    } catch (e) {
      setFailure(e instanceof Failure ? e : new Failure(0, { code: "server_unreachable" }));
    }
  };
  const rows = (secrets ?? []).map((name) => ({
    id: name,
    cells: {
      name: <code className={styles.made}>{name}</code>,
      used: flows?.get(name)?.length === 0 ? <span className={styles.none}>{t("pages.usedNowhere")}</span>
        : <span className={styles.uses}>{flows?.get(name)?.map((f) => <a key={f.id} href={path(["flows", f.id])}>{f.name}</a>)}</span>,
      actions: (
        <span className={styles.actions}>
          <Button size="small" aria-label={t("pages.replaceSecret", { name })} onClick={() => setSealing(name)}>{t("pages.replace")}</Button>
          <IconButton label={t("pages.deleteOf", { name })} onClick={() => ask(name)}><Trash2 size={14} aria-hidden="true" /></IconButton>
        </span>
      ),
    },
  }));
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div className={styles.words}>
          <p className={styles.lead}>{t("pages.secretsWhat")}</p>
        </div>
        <Button icon={<Plus size={14} aria-hidden="true" />} onClick={() => setSealing("")}>{t("pages.addSecret")}</Button>
      </header>
      {secrets !== undefined && rows.length === 0 && <Empty title={t("pages.secretsNone")} />}
      {rows.length > 0 && <Table label={t("pages.secrets")} rows={rows} columns={[{ id: "name", head: t("inspector.name") }, { id: "used", head: t("pages.usedBy") }, { id: "actions", head: t("pages.actions"), hidden: true, number: true }]} />}
      {sealing !== undefined && (
        <Dialog title={sealing === "" ? t("pages.addSecret") : t("pages.replaceSecret", { name: sealing })} onClose={() => setSealing(undefined)}>
          <SealSecret name={sealing} fixed={sealing !== ""} onDone={() => setSealing(undefined)} />
        </Dialog>
      )}
      {going !== undefined && (
        <Dialog title={t("pages.removeSecretTitle", { name: going })} onClose={() => setGoing(undefined)} footer={<><Button onClick={() => setGoing(undefined)}>{t("app.cancel")}</Button><Button kind="danger" onClick={() => void remove(going)}>{t("inspector.remove")}</Button></>}>
          <p>{t("pages.removeSecretWhat")}</p>
          {failure !== undefined && <p role="alert" className={styles.error}>{text(failure)}</p>}
        </Dialog>
      )}
    </div>
  );
}
