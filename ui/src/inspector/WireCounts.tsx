import { useDraft } from "../editor/context";
import { usePlace } from "../lib/place";
import { useWireRow } from "../live/hooks";
import { passedWords, queuedWords } from "../live/passed";
import { t } from "../words";
import styles from "./tabs.module.css";

/** WireCounts tells what lies on a wire now, and what passed over it in the run that is chosen. */
export function WireCounts({ slug }: { slug: string }) {
  const flow = useDraft((s) => s.doc.id);
  const [place] = usePlace();
  const row = useWireRow(flow, slug);
  if (row === undefined) return null;
  return (
    <>
      {place.run !== "" && (
        <>
          <dt>{t("inspector.wirePassed")}</dt>
          <dd className={`${styles.passed} number`}>{passedWords(row)}</dd>
        </>
      )}
      <dt>{t("inspector.wireQueued")}</dt>
      <dd className="number">{queuedWords(row)}</dd>
    </>
  );
}
