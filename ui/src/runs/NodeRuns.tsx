import { useQuery } from "@tanstack/react-query";
import { Play, ScrollText } from "lucide-react";
import { call, type Failure, path } from "../api/client";
import { over, type NodeRun } from "../api/runs";
import { useText } from "../api/words";
import { useBulletins } from "../bulletins/useBulletins";
import { Button } from "../ds/Button";
import { Spinner } from "../ds/Spinner";
import { Trouble } from "../ds/Trouble";
import { useDraft } from "../editor/context";
import { usePlace } from "../lib/place";
import { short } from "../lib/numbers";
import { moment, span } from "../lib/times";
import { t } from "../words";
import { StateWord } from "./StateWord";
import styles from "./NodeRuns.module.css";

/** NodeRuns shows how a node did in its newest runs; of a continuous flow, what happened at it last. */
export function NodeRuns({ node }: { node: string }) {
  const flow = useDraft((s) => s.doc.id);
  const continuous = useDraft((s) => s.doc.mode === "continuous");
  return continuous ? <Told flow={flow} node={node} /> : <Runs flow={flow} node={node} />;
}

function Runs({ flow, node }: { flow: string; node: string }) {
  const [place, go] = usePlace();
  const text = useText();
  const runs = useQuery<NodeRun[], Failure>({
    queryKey: ["runs", flow, "node", node],
    queryFn: async ({ signal }) => (await call<{ runs: NodeRun[] }>("GET", path(["flows", flow, "nodes", node, "runs"]), undefined, signal)).runs,
    refetchInterval: (q) => (q.state.data?.some((r) => !over(r.run_state)) === true ? 1_000 : 5_000),
  });
  if (runs.isPending) return <div className={styles.runs}><Spinner label={t("app.loading")} /></div>;
  if (runs.data === undefined) return <Trouble text={text(runs.error)} onRetry={() => void runs.refetch()} />;
  if (runs.data.length === 0) {
    return (
      <div className={styles.runs}>
        <p>{t("runs.ofNodeNone")}</p>
        <p className={styles.hint}>{t("runs.ofNodeNoneWhat")}</p>
        <div><Button icon={<Play size={13} aria-hidden="true" />} onClick={() => go({ drawer: "runs", tab: "start" })}>{t("runs.ofNodeStart")}</Button></div>
      </div>
    );
  }
  return (
    <div className={styles.runs}>
      {runs.error !== null && <Trouble text={text(runs.error)} onRetry={() => void runs.refetch()} />}
      <p className={styles.hint}>{t("runs.ofNodeHint")}</p>
      <ul className={styles.list} aria-label={t("runs.ofNode")}>
        {runs.data.map((r) => <li key={r.run}><One run={r} chosen={r.run === place.run} onChoose={() => go({ run: r.run === place.run ? "" : r.run })} /></li>)}
      </ul>
      {place.run !== "" && <div><Button size="small" icon={<ScrollText size={13} aria-hidden="true" />} onClick={() => go({ drawer: "logs", item: "" })}>{t("runs.ofNodeLogs")}</Button></div>}
    </div>
  );
}

function One({ run, chosen, onChoose }: { run: NodeRun; chosen: boolean; onChoose: () => void }) {
  const text = useText();
  const count = (tally: NodeRun["in"]) => (tally.rows === 0 && tally.n > 0 && (tally.unknown ?? 0) > 0 ? `${short(tally.n)} ×` : short(tally.rows));
  return (
    <button className={styles.run} aria-pressed={chosen} onClick={onChoose}>
      <span className={styles.top}>
        <StateWord state={run.state ?? ""} act />
        <b className={styles.slot}>{run.slot ?? run.run.slice(-8)}</b>
        <span className={styles.when}>{[moment(run.started ?? run.created ?? ""), span(run.started, run.finished)].filter((x) => x !== "").join(" · ")}</span>
      </span>
      <span className={`${styles.counts} number`}>
        <span>{t("runs.in")} <b>{count(run.in)}</b></span>
        <span>{t("runs.out")} <b>{count(run.out)}</b></span>
        {(run.rejected?.rows ?? 0) > 0 && <span className={styles.bad}>{t("runs.rejected")} <b>{short(run.rejected?.rows ?? 0)}</b></span>}
        {(run.parked?.n ?? 0) > 0 && <span className={styles.bad}>{t("runs.parked")} <b>{short(run.parked?.n ?? 0)}</b></span>}
        {(run.tries ?? 0) > 1 && <span>{t("runs.tries", { n: run.tries ?? 0 })}</span>}
      </span>
      {run.note !== undefined && <span className={styles.note}>{text(run.note)}</span>}
    </button>
  );
}

const most = 10;

function Told({ flow, node }: { flow: string; node: string }) {
  const [, go] = usePlace();
  const text = useText();
  const told = useBulletins(flow);
  const own = (told.data ?? []).filter((b) => b.node === node).slice(0, most);
  return (
    <div className={styles.runs}>
      <p className={styles.hint}>{t("runs.ofNodeContinuous")}</p>
      {told.error !== null && <Trouble text={text(told.error)} onRetry={() => void told.refetch()} />}
      {told.data !== undefined && own.length === 0 && <p>{t("runs.ofNodeQuiet")}</p>}
      <ul className={styles.list} aria-label={t("runs.bulletins")}>
        {own.map((b) => <li key={b.seq} className={styles.told} data-level={b.level}><span className={styles.when}>{moment(b.at)}</span> {text(b.note ?? b)}</li>)}
      </ul>
      {own.length > 0 && <div><Button size="small" onClick={() => go({ drawer: "bulletins", item: node })}>{t("runs.ofNodeBulletins")}</Button></div>}
    </div>
  );
}
