import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call, Failure, path } from "../api/client";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Table } from "../ds/Table";
import { TextInput } from "../ds/TextInput";
import { lang, t } from "../words";
import styles from "./Page.module.css";

interface Token {
  name: string;
  created: string;
  last_used?: string;
}

/** Tokens lets scripts in: each is shown once, when it is made. */
export function Tokens() {
  const queries = useQueryClient();
  const text = useText();
  const [name, setName] = useState("");
  const [made, setMade] = useState<{ name: string; token: string }>();
  const [failure, setFailure] = useState<Failure>();
  const tokens = useQuery({ queryKey: ["tokens"], queryFn: ({ signal }) => call<{ tokens: Token[] | null }>("GET", "/tokens", undefined, signal) });
  const time = (at: string | undefined) => (at === undefined ? t("pages.never") : new Intl.DateTimeFormat(lang(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(at)));
  const act = async (what: () => Promise<unknown>) => {
    try {
      await what();
      setFailure(undefined);
      await queries.invalidateQueries({ queryKey: ["tokens"] });
    } catch (e) {
      if (e instanceof Failure) setFailure(e);
    }
  };
  const make = (e: FormEvent) => {
    e.preventDefault();
    void act(async () => {
      setMade(await call("POST", "/tokens", { name }));
      setName("");
    });
  };
  return (
    <>
      <p className={styles.lead}>{t("pages.tokensWhat")}</p>
      <form onSubmit={make} className={styles.row}>
        <label htmlFor="token-name">{t("home.name")}</label>
        <TextInput id="token-name" value={name} onChange={(e) => setName(e.target.value)} />
        <Button type="submit" kind="primary" disabled={name === ""}>{t("pages.makeToken")}</Button>
      </form>
      {failure !== undefined && <p role="alert">{text(failure)}</p>}
      {made !== undefined && (
        <>
          <p className={styles.sub}>{t("pages.tokenOnce", { name: made.name })}</p>
          <p className={styles.token}>{made.token}</p>
        </>
      )}
      <h2 className={styles.sub}>{t("pages.tokens")}</h2>
      <Table
        label={t("pages.tokens")}
        columns={[{ id: "name", head: t("home.name") }, { id: "created", head: t("pages.created") }, { id: "used", head: t("pages.lastUsed") }, { id: "do", head: t("app.delete"), hidden: true }]}
        rows={(tokens.data?.tokens ?? []).map((k) => ({
          id: k.name,
          cells: { name: k.name, created: time(k.created), used: time(k.last_used), do: <Button size="small" kind="danger" onClick={() => void act(() => call("DELETE", path(["tokens", k.name])))}>{t("app.delete")}</Button> },
        }))}
      />
    </>
  );
}
