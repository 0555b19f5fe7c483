import { useQuery } from "@tanstack/react-query";
import { call, type Failure, path } from "../api/client";
import type { RunChange } from "../api/runs";
import { useText } from "../api/words";
import { Spinner } from "../ds/Spinner";
import { Trouble } from "../ds/Trouble";
import { VirtualTable } from "../ds/VirtualTable";
import { useDraft } from "../editor/context";
import { moment } from "../lib/times";
import { t } from "../words";
import { StateWord } from "./StateWord";
import { whoWord } from "./who";
import styles from "./RunsDrawer.module.css";

/** History lists a run's transitions, the newest last. */
export function History({ id, live }: { id: string; live: boolean }) {
  const text = useText();
  const nodes = useDraft((s) => s.doc.nodes);
  const changes = useQuery<RunChange[], Failure>({
    queryKey: ["run", id, "history"], refetchInterval: live ? 2_000 : false,
    queryFn: async ({ signal }) => (await call<{ changes: RunChange[] | null }>("GET", path(["runs", id, "history"]), undefined, signal)).changes ?? [],
  });
  if (changes.isPending) return <Spinner label={t("app.loading")} />;
  if (changes.data === undefined) return <Trouble text={text(changes.error)} onRetry={() => void changes.refetch()} />;
  const list = changes.data.map((c, i) => ({ ...c, key: String(i) }));
  const cell = (c: RunChange, column: string) => {
    switch (column) {
      case "at": return moment(c.at);
      case "what": return c.node === undefined ? t("runs.whole") : (nodes[c.node]?.name ?? c.node);
      case "to": return <StateWord state={c.to} act={c.node !== undefined} />;
      default: return [c.note !== undefined ? text(c.note) : (c.why ?? ""), whoWord(c.by)].filter((x) => x !== "").join(" · ");
    }
  };
  return (
    <div className={styles.history}>
      {changes.error !== null && <Trouble text={text(changes.error)} onRetry={() => void changes.refetch()} />}
      <VirtualTable label={t("runs.tabHistory")} rows={list} id={(c) => c.key}
        columns={[
          { id: "at", head: t("runs.at"), width: "112px" }, { id: "what", head: t("runs.what"), width: "minmax(90px, 160px)" },
          { id: "to", head: t("runs.change"), width: "120px" }, { id: "why", head: t("runs.why"), width: "minmax(120px, 1fr)" },
        ]}
        cell={cell} />
    </div>
  );
}
