import { type FormEvent, useState } from "react";
import { call, Failure } from "../api/client";
import { t } from "../words";
import type { Session } from "./App";
import styles from "./Login.module.css";

/** Login is all that somebody sees whom the server does not know. */
export function Login({ session, onDone }: { session: Session | undefined; onDone: () => void }) {
  const [password, setPassword] = useState("");
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  // The server leads here from a link that signs nobody in any more.
  const stale = new URLSearchParams(location.search).get("link") === "used";
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    try {
      await call("POST", "/session", { password });
      if (stale) history.replaceState(null, "", location.pathname);
      onDone();
    } catch (err) {
      setFailure(err instanceof Failure ? err : undefined);
      setPassword("");
    } finally {
      setBusy(false);
    }
  };
  const unreachable = session === undefined;
  return (
    <main className={styles.page}>
      <h1 className={styles.name}>{t("app.name")}</h1>
      {!unreachable && stale && <p role="alert">{t("login.stale")}</p>}
      {unreachable ? (
        <p>{t("app.unreachable")}</p>
      ) : session.needs === "password" ? (
        <form onSubmit={submit} className={styles.form}>
          <label htmlFor="password">{t("app.password")}</label>
          <input id="password" type="password" autoComplete="current-password" autoFocus value={password} onChange={(e) => setPassword(e.target.value)} />
          <button type="submit" disabled={busy || password === ""}>
            {t("app.signIn")}
          </button>
          <p role="alert" className={styles.failure}>
            {failure !== undefined && t(failure.status === 429 ? "app.signInLater" : "app.signInFailed")}
          </p>
        </form>
      ) : (
        <>
          <p>{t(stale ? "login.fresh" : "app.needsLink")}</p>
          <pre className={styles.code}>weir url</pre>
          <p>{t("login.data")}</p>
        </>
      )}
    </main>
  );
}
