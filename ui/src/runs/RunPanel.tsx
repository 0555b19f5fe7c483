import { X } from "lucide-react";
import { useState } from "react";
import { itemOutput, outputItem } from "../api/outputs";
import { over, useRun } from "../api/runs";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { IconButton } from "../ds/IconButton";
import { Spinner } from "../ds/Spinner";
import { Tabs } from "../ds/Tabs";
import { Trouble } from "../ds/Trouble";
import { usePlace } from "../lib/place";
import { moment, span } from "../lib/times";
import { t } from "../words";
import { CancelDialog } from "./CancelDialog";
import { Facts } from "./Facts";
import { History } from "./History";
import { NodeRows } from "./NodeRows";
import { Outputs } from "./Outputs";
import { RerunDialog } from "./RerunDialog";
import { ResumeDialog } from "./ResumeDialog";
import { StateWord } from "./StateWord";
import { Waits } from "./Waits";
import { whoWord } from "./who";
import styles from "./RunsDrawer.module.css";

/** RunPanel shows a run: what its nodes did, what came of it, why it waits, and what one can do. */
export function RunPanel({ id }: { id: string }) {
  const [place, go] = usePlace();
  const text = useText();
  const [tab, setTab] = useState("nodes");
  const [asking, setAsking] = useState<"" | "cancel" | "resume" | "rerun">("");
  const view = useRun(id);
  // Outputs stand in the URL, so that what is elsewhere can lead to them.
  const choose = (next: string) => {
    setTab(next);
    go({ item: next === "outputs" ? outputItem() : "" }, { replace: true });
  };
  const close = <IconButton label={t("app.close")} onClick={() => go({ run: "", item: "" })}><X size={15} aria-hidden="true" /></IconButton>;
  if (view.data === undefined) {
    return <section className={styles.panel}><div className={styles.head}><span className={styles.gap} />{close}</div>{view.error !== null ? <Trouble text={text(view.error)} onRetry={() => void view.refetch()} /> : <Spinner label={t("app.loading")} />}</section>;
  }
  const { run, waits = [], trouble } = view.data;
  const done = over(run.state);
  const failed = run.state === "FAILED" && run.sealed !== true;
  const parked = Object.values(run.queues ?? {}).reduce((n, q) => n + (q.parked?.n ?? 0), 0);
  const why = run.note !== undefined ? text(run.note) : run.why;
  const facts = [
    run.generation !== undefined ? t("runs.generation", { n: run.generation }) : "", t("runs.version", { n: run.flow_versions.at(-1) ?? 0 }),
    moment(run.started ?? run.created ?? ""), span(run.started, run.finished), run.by === undefined ? "" : t("runs.byWhom", { who: whoWord(run.by) }),
  ].filter((x) => x !== "");
  const tabs = [
    { id: "nodes", label: t("runs.tabNodes"), content: <NodeRows view={view.data} /> },
    { id: "outputs", label: run.receipts === undefined ? t("runs.tabOutputs") : t("runs.tabOutputsOf", { n: run.receipts.length }), content: <Outputs run={run} /> },
    ...(waits.length > 0 ? [{ id: "why", label: t("runs.tabWhy"), mark: String(waits.length), content: <Waits waits={waits} /> }] : []),
    { id: "facts", label: t("runs.tabFacts"), mark: (run.warnings ?? []).length > 0 ? "!" : undefined, content: <Facts view={view.data} /> },
    { id: "history", label: t("runs.tabHistory"), content: <History id={id} live={!done} /> },
  ];
  return (
    <section className={styles.panel} aria-label={t("runs.run", { id: run.slot ?? id })}>
      <div className={styles.head}>
        <StateWord state={run.state ?? ""} />
        <h3 title={id}>{run.slot ?? id.slice(-8)}</h3>
        <span className={styles.about}>{facts.join(" · ")}</span>
        <span className={styles.gap} />
        {parked > 0 && <Button size="small" onClick={() => go({ drawer: "parked", item: "" })}>{t("runs.parkedGo", { n: parked })}</Button>}
        <Button size="small" kind="quiet" onClick={() => go({ drawer: "logs", item: "" })}>{t("runs.logs")}</Button>
        {!done && <Button size="small" onClick={() => setAsking("cancel")} disabled={run.state === "CANCELLING"}>{t("runs.cancel")}</Button>}
        {failed && <Button size="small" kind="primary" onClick={() => setAsking("resume")}>{t("runs.resume")}</Button>}
        {done && <Button size="small" onClick={() => setAsking("rerun")}>{t(run.state === "SUCCESS" ? "runs.rerun" : "runs.startOver")}</Button>}
        {close}
      </div>
      {why !== undefined && why !== "" && <p className={styles.why}>{why}</p>}
      {trouble !== undefined && <Trouble text={text(trouble)} />}
      <Tabs label={t("runs.run", { id: run.slot ?? id })} tabs={tabs} value={itemOutput(place.item) === undefined ? tab : "outputs"} onChange={choose} />
      {asking === "cancel" && <CancelDialog id={id} onClose={() => setAsking("")} />}
      {asking === "resume" && <ResumeDialog view={view.data} onClose={() => setAsking("")} />}
      {asking === "rerun" && <RerunDialog run={run} onClose={() => setAsking("")} onDone={(next) => go({ run: next })} />}
    </section>
  );
}
