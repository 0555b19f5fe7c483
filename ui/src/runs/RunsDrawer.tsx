import { useQuery } from "@tanstack/react-query";
import { CalendarRange, Play } from "lucide-react";
import { useEffect, useState } from "react";
import { call, path } from "../api/client";
import { itemOutput } from "../api/outputs";
import { over, type Run } from "../api/runs";
import { useText } from "../api/words";
import type { FlowDoc } from "../api/wire";
import { Button } from "../ds/Button";
import { Empty } from "../ds/Empty";
import { Select } from "../ds/Select";
import { Spinner } from "../ds/Spinner";
import { Trouble } from "../ds/Trouble";
import { useDraft } from "../editor/context";
import { usePlace } from "../lib/place";
import { t } from "../words";
import { BackfillForm } from "./BackfillForm";
import { OutputReader } from "./OutputReader";
import { RunList } from "./RunList";
import { RunPanel } from "./RunPanel";
import { StartForm } from "./StartForm";
import { stateWord } from "./StateWord";
import { useRuns } from "./useRuns";
import styles from "./RunsDrawer.module.css";

const states = ["RUNNING", "QUEUED", "SUCCESS", "PARTIAL", "FAILED", "CANCELLED"];
const fits = (r: Run, state: string) => state === "" || (state === "unfinished" ? !over(r.state) : r.state === state);

/** RunsDrawer lists a flow's runs; the chosen one lies beside and gives the canvas its counts. */
export function RunsDrawer({ flow }: { flow: string }) {
  const [place, go] = usePlace();
  const text = useText();
  const mode = useDraft((s) => s.doc.mode);
  const version = useDraft((s) => s.version);
  const { runs, pending, failure, refetch } = useRuns(flow);
  const [state, setState] = useState("");
  const [form, setForm] = useState<"" | "start" | "backfill">("");
  // The bar's "Run…" comes here by the URL.
  useEffect(() => {
    if (place.tab !== "start") return;
    setForm("start");
    go({ tab: "" }, { replace: true });
  }, [place.tab, go]);
  const inForce = useQuery({
    queryKey: ["flow", flow, version], enabled: form !== "" && version > 0,
    queryFn: async ({ signal }) => (await call<{ doc: FlowDoc }>("GET", path(["flows", flow]), undefined, signal)).doc,
  });
  if (mode === "continuous") return <Empty title={t("runs.continuous")}>{t("runs.continuousWhat")}</Empty>;
  // To be read, a file has the whole room.
  if (place.run !== "" && (itemOutput(place.item)?.key ?? "") !== "") return <OutputReader key={`${place.run} ${place.item}`} run={place.run} />;
  const shown = runs.filter((r) => fits(r, state));
  const beside = form !== "" || place.run !== "";
  const begun = (run: string) => {
    setForm("");
    refetch();
    if (run !== "") go({ run });
  };
  return (
    <section className={styles.runs} aria-label={t("runs.title")}>
      <div className={styles.list} data-beside={beside || undefined}>
        <div className={styles.bar}>
          <Button size="small" kind="primary" disabled={version === 0} title={version === 0 ? t("runs.unpublished") : undefined} icon={<Play size={13} aria-hidden="true" />} onClick={() => setForm("start")}>{t("runs.start")}</Button>
          <Button size="small" disabled={version === 0} icon={<CalendarRange size={13} aria-hidden="true" />} onClick={() => setForm("backfill")}>{t("runs.backfill")}</Button>
          <span className={styles.gap} />
          <Select className={styles.filter} aria-label={t("runs.filter")} value={state} onChange={setState}
            options={[{ value: "", label: t("runs.anyState") }, { value: "unfinished", label: t("runs.unfinished") }, ...states.map((s) => ({ value: s, label: stateWord(s) }))]} />
        </div>
        {failure !== null && runs.length > 0 && <Trouble text={text(failure)} onRetry={refetch} />}
        {pending ? <Empty title={t("app.loading")}><Spinner label={t("app.loading")} /></Empty>
          : failure !== null && runs.length === 0 ? <Trouble text={text(failure)} onRetry={refetch} />
          : runs.length === 0 ? <Empty title={t("runs.none")}>{t(version === 0 ? "runs.unpublished" : "runs.noneWhat")}</Empty>
          : shown.length === 0 ? <Empty title={t("runs.noneOf")} />
          : <RunList runs={shown} beside={beside} />}
      </div>
      {form === "start" && <StartForm flow={flow} doc={inForce.data} onDone={begun} />}
      {form === "backfill" && <BackfillForm flow={flow} onDone={() => begun("")} />}
      {form === "" && place.run !== "" && <RunPanel key={place.run} id={place.run} />}
    </section>
  );
}
