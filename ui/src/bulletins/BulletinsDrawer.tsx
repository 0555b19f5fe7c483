import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Empty } from "../ds/Empty";
import { Select } from "../ds/Select";
import { Spinner } from "../ds/Spinner";
import { Trouble } from "../ds/Trouble";
import { VirtualTable } from "../ds/VirtualTable";
import { useDraft } from "../editor/context";
import { usePlace } from "../lib/place";
import { moment } from "../lib/times";
import { type Key, t } from "../words";
import { type Told, useBulletins } from "./useBulletins";
import styles from "./BulletinsDrawer.module.css";

/** BulletinsDrawer tells what happened at the nodes of a flow, or at one of them. */
export function BulletinsDrawer({ flow }: { flow: string }) {
  const [place, go] = usePlace();
  const text = useText();
  const nodes = useDraft((s) => s.doc.nodes);
  const told = useBulletins(flow);
  if (told.isPending) return <Empty title={t("app.loading")}><Spinner label={t("app.loading")} /></Empty>;
  if (told.data === undefined) return <Trouble text={text(told.error)} onRetry={() => void told.refetch()} />;
  if (told.data.length === 0) return <Empty title={t("runs.bulletinNone")}>{t("runs.bulletinNoneWhat")}</Empty>;
  const only = place.item in nodes ? place.item : "";
  const shown = only === "" ? told.data : told.data.filter((b) => b.node === only);
  const cell = (b: Told, column: string) => {
    switch (column) {
      case "at": return moment(b.at);
      case "level": return <span className={styles.level} data-level={b.level}>{t(`runs.level${b.level}` as Key)}</span>;
      case "node": return b.node === undefined ? "" : (nodes[b.node]?.name ?? b.node);
      default: return <span title={text(b.note ?? b)}>{text(b.note ?? b)}</span>;
    }
  };
  const choose = (item: string) => go({ item }, { replace: true });
  return (
    <section className={styles.bulletins} aria-label={t("runs.bulletins")}>
      {told.error !== null && <Trouble text={text(told.error)} onRetry={() => void told.refetch()} />}
      <div className={styles.bar}>
        <Select className={styles.pick} aria-label={t("runs.logNode")} value={only} onChange={choose} options={[{ value: "", label: t("runs.allNodes") }, ...Object.entries(nodes).map(([slug, n]) => ({ value: slug, label: n.name ?? slug }))]} />
        <span className={styles.count} role="status">{t("runs.bulletinCount", { shown: shown.length, n: told.data.length })}</span>
      </div>
      {shown.length === 0 ? <Empty title={t("runs.bulletinOf")} action={<Button size="small" onClick={() => choose("")}>{t("runs.bulletinAll")}</Button>} /> : (
        <VirtualTable label={t("runs.bulletins")} rows={shown} id={(b) => String(b.seq)} cell={cell}
          tone={(b) => (b.level === "error" ? "red" : b.level === "warning" ? "amber" : undefined)}
          onOpen={(b) => b.node !== undefined && go({ open: b.node, ...(b.run !== undefined && place.run === "" ? { run: b.run } : {}) })}
          columns={[{ id: "at", head: t("runs.logTime"), width: "112px" }, { id: "level", head: t("runs.level"), width: "60px" }, { id: "node", head: t("runs.logNode"), width: "minmax(80px, 150px)" }, { id: "text", head: t("runs.logText"), width: "minmax(160px, 1fr)" }]} />
      )}
    </section>
  );
}
