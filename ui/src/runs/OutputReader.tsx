import { ChevronLeft } from "lucide-react";
import { useEffect, useRef } from "react";
import { itemOutput, type Output, outputContent, outputItem, outputOf, useOutputs } from "../api/outputs";
import { useRun } from "../api/runs";
import { useText } from "../api/words";
import { Button } from "../ds/Button";
import { Empty } from "../ds/Empty";
import { Spinner } from "../ds/Spinner";
import { Trouble } from "../ds/Trouble";
import { bytes } from "../lib/numbers";
import { usePlace } from "../lib/place";
import { RecordsTab } from "../queue/RecordsTab";
import { TextTab } from "../queue/TextTab";
import { t } from "../words";
import { lastRead } from "./lastRead";
import { SaveLink } from "./SaveLink";
import styles from "./Outputs.module.css";

/** rowsMost is how many rows are shown here; all are in the download. */
const rowsMost = 1000;

function Content({ run, output: o }: { run: string; output: Output }) {
  const content = outputContent(run, o);
  return o.form === undefined ? <TextTab content={content} /> : <RecordsTab content={content} most={rowsMost} />;
}

/** OutputReader shows the first rows of a file that a run wrote, or its text when it holds no records. */
export function OutputReader({ run: id }: { run: string }) {
  const [place, go] = usePlace();
  const text = useText();
  const back = useRef<HTMLSpanElement>(null);
  useEffect(() => back.current?.querySelector("button")?.focus(), []);
  const view = useRun(id);
  const run = view.data?.run;
  const known = useOutputs(id, run?.receipts?.length ?? 0);
  const named = itemOutput(place.item);
  const output = outputOf(known.data?.outputs ?? [], named);
  const trouble = view.error ?? known.error ?? output?.trouble;
  const waits = view.isPending || known.isLoading;
  const close = () => {
    lastRead.item = place.item;
    go({ item: outputItem() });
  };
  return (
    <section className={styles.reader} aria-label={named?.key}>
      <div className={styles.head}>
        <span ref={back}><Button kind="quiet" size="small" icon={<ChevronLeft size={14} aria-hidden="true" />} onClick={close}>{t("runs.allOutputs")}</Button></span>
        <h3 title={output?.path}>{named?.key}</h3>
        <span className={styles.about}>
          {[t("runs.run", { id: run?.slot ?? id.slice(-8) }), ...(output === undefined ? [] : [t("runs.rowsOf", { n: output.rows.toLocaleString("en") }), bytes(output.bytes)])].join(" · ")}
        </span>
        <span className={styles.gap} />
        {output !== undefined && output.trouble === undefined && <SaveLink content={outputContent(id, output)} name={output.key} />}
      </div>
      <div className={styles.body}>
        {trouble !== undefined && trouble !== null ? <Trouble text={text(trouble)} onRetry={() => void known.refetch()} />
          : output !== undefined ? <Content run={id} output={output} />
          : waits ? <Empty title={t("app.loading")}><Spinner label={t("app.loading")} /></Empty>
          : <Empty title={t("runs.noOutputs")} />}
      </div>
    </section>
  );
}
