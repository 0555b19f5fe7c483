import { useEffect } from "react";
import { Link } from "wouter";
import { t } from "../words";
import styles from "./Missing.module.css";

/** Missing says that an address leads nowhere, and the way home; framed brings the bar of the pages with it. */
export function Missing({ what, framed = false }: { what: string; framed?: boolean }) {
  useEffect(() => {
    if (framed) document.title = `${what} · ${t("app.name")}`;
  }, [what, framed]);
  const text = (
    <>
      <h1 className={styles.title}>{what}</h1>
      <p className={styles.hint}>{t("app.missingHint")}</p>
      <Link href="/" className={styles.home}>{t("app.toFlows")}</Link>
    </>
  );
  if (!framed) return <div className={styles.text}>{text}</div>;
  return (
    <div className={styles.page}>
      <header className={styles.bar}><Link href="/" className={styles.logo}>{t("app.name")}</Link></header>
      <main className={styles.text}>{text}</main>
    </div>
  );
}
