import { lazy, Suspense } from "react";
import { Link } from "wouter";
import { Missing } from "../app/Missing";
import { type Key, t } from "../words";
import { Audit } from "./Audit";
import { Server } from "./Server";
import { Tokens } from "./Tokens";
import styles from "./Page.module.css";

const Secrets = lazy(() => import("./Secrets").then((m) => ({ default: m.Secrets })));

const pages: [string, Key][] = [["server", "pages.server"], ["secrets", "pages.secrets"], ["tokens", "pages.tokens"], ["audit", "pages.audit"]];

/** Settings are the server's: how it does, secrets, tokens, and what was done. */
export function Settings({ page = "server" }: { page: string | undefined }) {
  const known = pages.find(([id]) => id === page);
  return (
    <div className={styles.page}>
      <header className={styles.bar}>
        <Link href="/" className={styles.logo}>{t("app.name")}</Link>
        <nav aria-label={t("app.settings")} className={styles.nav}>
          {pages.map(([id, name]) => (
            <Link key={id} href={`/settings/${id}`} className={styles.tab} aria-current={page === id ? "page" : undefined}>{t(name)}</Link>
          ))}
        </nav>
      </header>
      <main className={styles.main}>
        {known === undefined ? <Missing what={t("app.pageNone", { path: location.pathname })} /> : <h1 className={styles.title}>{t(known[1])}</h1>}
        <Suspense fallback={null}>
          {page === "server" && <Server />}
          {page === "secrets" && <Secrets />}
          {page === "tokens" && <Tokens />}
          {page === "audit" && <Audit />}
        </Suspense>
      </main>
    </div>
  );
}
