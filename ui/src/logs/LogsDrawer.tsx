import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { call, type Failure, path } from "../api/client";
import { over, type Run } from "../api/runs";
import { useText } from "../api/words";
import { Empty } from "../ds/Empty";
import { Select } from "../ds/Select";
import { Spinner } from "../ds/Spinner";
import { Switch } from "../ds/Switch";
import { TextInput } from "../ds/TextInput";
import { Trouble } from "../ds/Trouble";
import { VirtualTable } from "../ds/VirtualTable";
import { useDraft } from "../editor/context";
import { usePlace } from "../lib/place";
import { moment } from "../lib/times";
import { type Key, t } from "../words";
import { type LogLine, useLog } from "./useLog";
import styles from "./LogsDrawer.module.css";

const levels = ["DEBUG", "INFO", "WARN", "ERROR"];
const levelWord = (level: string) => (levels.includes(level) ? t(`runs.level${level}` as Key) : level);

/** LogsDrawer shows the log of a run, or of one of its nodes, and follows it while it grows. */
export function LogsDrawer({ flow }: { flow: string }) {
  const [place, go] = usePlace();
  const text = useText();
  const nodes = useDraft((s) => s.doc.nodes);
  const runs = useQuery<Run[], Failure>({
    queryKey: ["runs", flow, "recent"],
    queryFn: async ({ signal }) => (await call<{ runs: Run[] }>("GET", path(["runs"], { flow, limit: 50 }), undefined, signal)).runs,
    refetchInterval: (q) => (q.state.data?.some((r) => !over(r.state)) === true ? 2_000 : false),
  });
  const list = runs.data ?? [];
  const run = place.run !== "" ? place.run : (list[0]?.id ?? "");
  const one = list.find((r) => r.id === run);
  const log = useLog(run, one !== undefined && !over(one.state));
  const [level, setLevel] = useState("INFO");
  const [node, setNode] = useState<string>();
  const [find, setFind] = useState("");
  const [follow, setFollow] = useState(true);
  // The node that is open is meant until another is chosen here.
  const meant = node ?? (place.open in nodes ? place.open : "");
  const shown = useMemo(() => {
    const least = levels.indexOf(level);
    const word = find.trim().toLowerCase();
    return log.lines.filter((l) => levels.indexOf(l.level) >= least && (meant === "" || l.node === meant) && (word === "" || `${l.msg} ${l.node ?? ""} ${l.rest}`.toLowerCase().includes(word)));
  }, [log.lines, level, meant, find]);
  if (runs.isPending) return <Empty title={t("app.loading")}><Spinner label={t("app.loading")} /></Empty>;
  if (run === "") return <Empty title={t("runs.logNoRun")} />;
  const cell = (l: LogLine, column: string) => {
    switch (column) {
      case "time": return moment(l.time);
      case "level": return <span className={styles.level} data-level={l.level}>{levelWord(l.level)}</span>;
      case "node": return l.node === undefined ? "" : (nodes[l.node]?.name ?? l.node);
      default: return <span title={`${l.msg}  ${l.rest}`}>{l.msg} <span className={styles.rest}>{l.rest}</span></span>;
    }
  };
  return (
    <section className={styles.logs} aria-label={t("runs.logs")}>
      <div className={styles.bar}>
        <Select className={styles.run} aria-label={t("runs.which")} value={place.run} onChange={(v) => go({ run: v })}
          options={[{ value: "", label: t("runs.newestRun") }, ...list.map((r) => ({ value: r.id, label: `${r.slot ?? ""} · ${r.state === undefined ? "" : t(`runs.state${r.state}` as Key)} · ${r.id.slice(-6)}` }))]} />
        <Select className={styles.pick} aria-label={t("runs.logLevel")} value={level} onChange={setLevel} options={levels.map((l) => ({ value: l, label: levelWord(l) }))} />
        <Select className={styles.pick} aria-label={t("runs.logNode")} value={meant} onChange={setNode} options={[{ value: "", label: t("runs.allNodes") }, ...Object.entries(nodes).map(([slug, n]) => ({ value: slug, label: n.name ?? slug }))]} />
        <TextInput className={styles.find} type="search" aria-label={t("runs.logFind")} placeholder={t("runs.logFind")} value={find} onChange={(e) => setFind(e.target.value)} />
        <span className={styles.gap} />
        <span className={styles.count} role="status">{t("runs.logCount", { shown: shown.length, n: log.lines.length })}</span>
        <span className={styles.follow}>{t("runs.follow")} <Switch aria-label={t("runs.follow")} checked={follow} onChange={setFollow} /></span>
      </div>
      {log.failure !== undefined && <Trouble text={text(log.failure)} />}
      {log.lines.length === 0 ? <Empty title={log.pending ? t("app.loading") : t("runs.logNone")} />
        : shown.length === 0 ? <Empty title={t("runs.logNoMatch")} />
        : <VirtualTable label={t("runs.logLines")} rows={shown} id={(l) => String(l.key)} cell={cell} rowHeight={22} follow={follow}
            tone={(l) => (l.level === "ERROR" ? "red" : l.level === "WARN" ? "amber" : undefined)}
            columns={[{ id: "time", head: t("runs.logTime"), width: "112px" }, { id: "level", head: t("runs.level"), width: "60px" }, { id: "node", head: t("runs.logNode"), width: "minmax(70px, 130px)" }, { id: "msg", head: t("runs.logText"), width: "minmax(160px, 1fr)" }]} />}
    </section>
  );
}
