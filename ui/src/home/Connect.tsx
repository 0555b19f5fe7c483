import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { Badge } from "../ds/Badge";
import { Button } from "../ds/Button";
import { learn, t } from "../words";
import { connect as words } from "../words/connect";
import { askChecks, fromQuery, type Picked, type Project, toQuery } from "./connect";
import { ConnectChecks } from "./ConnectChecks";
import { ConnectMake } from "./ConnectMake";
import { ConnectPickers, usePicked } from "./ConnectPickers";
import { ConnectProject } from "./ConnectProject";
import { ConnectScript } from "./ConnectScript";
import { ConnectStep } from "./ConnectStep";
import styles from "./Connect.module.css";

learn(words);

/** Connect leads from nothing to a verified flow on one's own Google project. */
export function Connect() {
  const [, navigate] = useLocation();
  const project = fromQuery(useSearch());
  const [last, setLast] = useState(project);
  useEffect(() => {
    document.title = `${t("connect.title")} · ${t("app.name")}`;
  });
  const settle = (p: Project | undefined) => {
    setLast(p ?? project);
    navigate(p === undefined ? "/connect" : `/connect?${toQuery(p)}`);
  };
  return (
    <div className={styles.page}>
      <header className={styles.bar}>
        <Link href="/" className={styles.logo}>{t("app.name")}</Link>
        <Link href="/" className={styles.back}>{t("connect.back")}</Link>
      </header>
      <main className={styles.main}>
        <div className={styles.column}>
          <h1 className={styles.title}>{t("connect.title")}</h1>
          <p className={styles.lead}>{t("connect.lead")}</p>
          <ol className={styles.steps}>
            {project === undefined ? (
              <>
                <ConnectStep n={1} title={t("connect.project")} state="now"><ConnectProject first={last} onDone={settle} /></ConnectStep>
                <ConnectStep n={2} title={t("connect.script")} state="later">{null}</ConnectStep>
                <ConnectStep n={3} title={t("connect.checks")} state="later">{null}</ConnectStep>
                <ConnectStep n={4} title={t("connect.pick")} state="later">{null}</ConnectStep>
                <ConnectStep n={5} title={t("connect.make")} state="later">{null}</ConnectStep>
              </>
            ) : <Rest key={toQuery(project)} project={project} onChange={() => settle(undefined)} />}
          </ol>
        </div>
      </main>
    </div>
  );
}

function Rest({ project: p, onChange }: { project: Project; onChange: () => void }) {
  const [wanted, setWanted] = useState(p.endpoint !== "");
  const checks = useQuery({ queryKey: ["setup", "checks", p], enabled: wanted, staleTime: Infinity, retry: false, refetchOnWindowFocus: false, queryFn: ({ signal }) => askChecks(p, signal) });
  const good = !checks.isFetching && !checks.isError && checks.data !== undefined && checks.data.every((s) => s.state !== "failed");
  const check = () => {
    if (wanted) void checks.refetch();
    else setWanted(true);
  };
  const facts = [["connect.project.id", p.project], ["connect.property", p.property], ["connect.dataset", p.dataset], ["connect.location", p.location],
    ["connect.database", p.database], ["connect.impersonate", p.impersonate], ["connect.key", p.key]] as const;
  return (
    <>
      <ConnectStep n={1} title={t("connect.project")} state="done"
        side={<>{p.endpoint !== "" && <Badge tone="accent">{t("connect.sandbox.on")}</Badge>}<Button kind="quiet" size="small" onClick={onChange}>{t("connect.change")}</Button></>}>
        <dl className={styles.facts}>
          {facts.filter(([, v]) => v !== "").map(([k, v]) => <div key={k} className={styles.fact}><dt>{t(k)}</dt><dd>{v}</dd></div>)}
        </dl>
      </ConnectStep>
      <ConnectStep n={2} title={t("connect.script")} state={good || p.endpoint !== "" ? "done" : "now"}><ConnectScript project={p} /></ConnectStep>
      <ConnectStep n={3} title={t("connect.checks")} state={good ? "done" : "now"}>
        <ConnectChecks steps={checks.data} error={checks.error} busy={checks.isFetching} onCheck={check} />
      </ConnectStep>
      {good ? <Choose project={p} /> : (
        <>
          <ConnectStep n={4} title={t("connect.pick")} state="later">{null}</ConnectStep>
          <ConnectStep n={5} title={t("connect.make")} state="later">{null}</ConnectStep>
        </>
      )}
    </>
  );
}

function Choose({ project }: { project: Project }) {
  const [chosen, setChosen] = useState<Partial<Picked>>({});
  const { picked, ready, found } = usePicked(project, chosen);
  const pick = (change: Partial<Picked>) => setChosen(({ users_key, ...before }) => ({ ...before, ...(change.users === undefined && users_key !== undefined ? { users_key } : {}), ...change }));
  return (
    <>
      <ConnectStep n={4} title={t("connect.pick")} state={ready ? "done" : "now"}><ConnectPickers project={project} picked={picked} found={found} onPick={pick} /></ConnectStep>
      <ConnectStep n={5} title={t("connect.make")} state={ready ? "now" : "later"}><ConnectMake project={project} picked={picked} ready={ready} /></ConnectStep>
    </>
  );
}
