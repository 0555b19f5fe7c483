import { useQuery } from "@tanstack/react-query";
import { Plus, Settings, Upload } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { call } from "../api/client";
import { t } from "../words";
import type { FlowView } from "./flow";
import { FlowRow } from "./FlowRow";
import { ImportFlow } from "./ImportFlow";
import { NewFlow } from "./NewFlow";
import { Welcome } from "./Welcome";
import styles from "./Home.module.css";

// A list that is seen at a glance is not searched.
const few = 8;

/** Home lists the flows, or welcomes somebody who has none yet. */
export function Home() {
  const [making, setMaking] = useState(false);
  const flows = useQuery({
    queryKey: ["flows"],
    refetchInterval: 3000,
    queryFn: ({ signal }) => call<{ flows: FlowView[] }>("GET", "/flows", undefined, signal),
  });
  useEffect(() => {
    document.title = t("app.name");
  });
  const list = flows.data?.flows;
  const [sought, setSought] = useState("");
  const shown = list?.filter((f) => `${f.name ?? ""} ${f.id}`.toLocaleLowerCase().includes(sought.trim().toLocaleLowerCase())) ?? [];
  return (
    <div className={styles.page}>
      <header className={styles.bar}>
        <span className={styles.logo}>{t("app.name")}</span>
        <span className={styles.gap} />
        <Link href="/connect" className={styles.link}>{t("home.connect")}</Link>
        <Link href="/settings" className={styles.link}><Settings size={15} aria-hidden="true" /> {t("app.settings")}</Link>
      </header>
      <main className={styles.main}>
        <div className={styles.head}>
          <h1 className={styles.title}>{t("app.flows")}</h1>
          <span className={styles.gap} />
          {list !== undefined && list.length > few && <input type="search" className={styles.find} value={sought} onChange={(e) => setSought(e.target.value)} aria-label={t("home.find")} placeholder={t("home.find")} />}
          <ImportFlow className={styles.second}><Upload size={15} aria-hidden="true" /> {t("app.import")}</ImportFlow>
          <button className={styles.primary} onClick={() => setMaking(true)}><Plus size={15} aria-hidden="true" /> {t("home.newFlow")}</button>
        </div>
        {flows.isError && <p role="alert">{t("app.unreachable")}</p>}
        {list?.length === 0 && <Welcome onNew={() => setMaking(true)} />}
        {list !== undefined && list.length > 0 && (
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t("home.name")}</th>
                <th scope="col">{t("home.state")}</th>
                <th scope="col">{t("home.schedule")}</th>
                <th scope="col">{t("home.next")}</th>
                <th scope="col">{t("home.last")}</th>
                <th scope="col" className={styles.number}>{t("home.queued")}</th>
                <th scope="col" className={styles.number}>{t("home.rate")}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((f) => <FlowRow key={f.id} flow={f} />)}
              {shown.length === 0 && <tr><td colSpan={7} className={styles.none}>{t("home.noneFound", { text: sought })}</td></tr>}
            </tbody>
          </table>
        )}
      </main>
      {making && <NewFlow taken={list?.map((f) => f.id) ?? []} onDone={() => setMaking(false)} />}
    </div>
  );
}
