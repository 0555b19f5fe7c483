import { useQuery } from "@tanstack/react-query";
import { Copy } from "lucide-react";
import { useRef, useState } from "react";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Spinner } from "../ds/Spinner";
import { Trouble } from "../ds/Trouble";
import { type Key, t, useLang } from "../words";
import { asFailure, askScript, type Project } from "./connect";
import styles from "./Connect.module.css";

/** ConnectScript shows what prepares the project, to be read and run by a person. */
export function ConnectScript({ project: p }: { project: Project }) {
  const l = useLang();
  const text = useText();
  const area = useRef<HTMLTextAreaElement>(null);
  const [word, setWord] = useState<Key>();
  const { data, error, refetch } = useQuery({ queryKey: ["setup", "script", p, l], staleTime: Infinity, retry: false, queryFn: ({ signal }) => askScript(p, signal) });
  const copy = async (what: string) => {
    try {
      await navigator.clipboard.writeText(what);
      setWord("connect.copied");
    } catch {
      area.current?.select();
      setWord("connect.copyFailed");
    }
  };
  if (error !== null) return <Trouble text={text(asFailure(error))} onRetry={() => void refetch()} />;
  if (data === undefined) return <Spinner label={t("connect.looking")} />;
  const script = (
    <>
      <textarea ref={area} className={styles.script} readOnly wrap="off" rows={16} spellCheck={false} aria-label={t("connect.script.text")} value={data.script} />
      <div className={styles.actions}>
        <Button icon={<Copy size={14} aria-hidden="true" />} onClick={() => void copy(data.script)}>{t("connect.copy")}</Button>
        <Button kind="quiet" onClick={() => void copy(data.email)}>{t("connect.copyEmail")}</Button>
        <output className={styles.said}>{word !== undefined && t(word)}</output>
      </div>
    </>
  );
  if (p.endpoint !== "") {
    return (
      <>
        <p className={styles.lead}>{t("connect.script.sandbox")}</p>
        <details className={styles.show}><summary>{t("connect.script.show")}</summary><div className={styles.body}>{script}</div></details>
      </>
    );
  }
  return (
    <>
      <p className={styles.lead}>{t("connect.script.lead")}</p>
      <ul className={styles.does}>
        <li>{t("connect.script.apis")}</li>
        <li>{t("connect.script.account", { email: data.email })}</li>
        <li>{t("connect.script.roles")}</li>
      </ul>
      {script}
      <p className={styles.hand}>{t("connect.script.hand")}</p>
    </>
  );
}
