import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { call, type Failure, path } from "../api/client";
import type { Bulletin, Note, ServerFrame } from "../api/wire";
import { useText } from "../api/words";
import { Empty } from "../ds/Empty";
import { Spinner } from "../ds/Spinner";
import { Trouble } from "../ds/Trouble";
import { VirtualTable } from "../ds/VirtualTable";
import { useDraft } from "../editor/context";
import { usePlace } from "../lib/place";
import { moment } from "../lib/times";
import { useFrames } from "../live/hooks";
import { type Key, t } from "../words";
import styles from "./BulletinsDrawer.module.css";

const most = 1000;

type Told = Bulletin & { note?: Note };

/** useBulletins lists a flow's bulletins, newest first, as they come. */
export function useBulletins(flow: string) {
  const queries = useQueryClient();
  const hear = useCallback((f: Extract<ServerFrame, { type: "bulletin" }>) => {
    if (f.bulletin.flow !== flow) return;
    queries.setQueryData<Told[]>(["bulletins", flow], (old) => (old === undefined || old.some((b) => b.seq === f.bulletin.seq) ? old : [f.bulletin, ...old].slice(0, most)));
  }, [flow, queries]);
  useFrames("bulletin", hear);
  // A link that was lost may have missed some.
  useFrames("hello", useCallback(() => void queries.invalidateQueries({ queryKey: ["bulletins", flow] }), [flow, queries]));
  return useQuery<Told[], Failure>({
    queryKey: ["bulletins", flow],
    queryFn: async ({ signal }) => (await call<{ bulletins: Told[] }>("GET", path(["bulletins"], { flow }), undefined, signal)).bulletins.toSorted((a, b) => b.seq - a.seq),
  });
}

/** BulletinsDrawer tells what happened at the nodes of a flow. */
export function BulletinsDrawer({ flow }: { flow: string }) {
  const [place, go] = usePlace();
  const text = useText();
  const nodes = useDraft((s) => s.doc.nodes);
  const told = useBulletins(flow);
  if (told.isPending) return <Empty title={t("app.loading")}><Spinner label={t("app.loading")} /></Empty>;
  if (told.error !== null) return <Trouble text={text(told.error)} onRetry={() => void told.refetch()} />;
  if (told.data.length === 0) return <Empty title={t("runs.bulletinNone")}>{t("runs.bulletinNoneWhat")}</Empty>;
  const cell = (b: Told, column: string) => {
    switch (column) {
      case "at": return moment(b.at);
      case "level": return <span className={styles.level} data-level={b.level}>{t(`runs.level${b.level}` as Key)}</span>;
      case "node": return b.node === undefined ? "" : (nodes[b.node]?.name ?? b.node);
      default: return <span title={text(b.note ?? b)}>{text(b.note ?? b)}</span>;
    }
  };
  return (
    <section className={styles.bulletins} aria-label={t("runs.bulletins")}>
      <VirtualTable label={t("runs.bulletins")} rows={told.data} id={(b) => String(b.seq)} cell={cell}
        tone={(b) => (b.level === "error" ? "red" : b.level === "warning" ? "amber" : undefined)}
        onOpen={(b) => b.node !== undefined && go({ open: b.node, ...(b.run !== undefined && place.run === "" ? { run: b.run } : {}) })}
        columns={[{ id: "at", head: t("runs.logTime"), width: "112px" }, { id: "level", head: t("runs.level"), width: "60px" }, { id: "node", head: t("runs.logNode"), width: "minmax(80px, 150px)" }, { id: "text", head: t("runs.logText"), width: "minmax(160px, 1fr)" }]} />
    </section>
  );
}
