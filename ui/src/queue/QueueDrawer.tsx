import { useDraft } from "../editor/context";
import { Empty } from "../ds/Empty";
import { Spinner } from "../ds/Spinner";
import { usePlace } from "../lib/place";
import { t } from "../words";
import { Queue } from "./Queue";
import { useRunInView } from "./useQueue";
import { WireList } from "./WireList";

/** QueueDrawer is what the bottom drawer shows of a flow's queues: all of them, or what lies in one. */
export function QueueDrawer({ flow }: { flow: string }) {
  const [place] = usePlace();
  const { run, slot, pending, none } = useRunInView(flow);
  const wire = useDraft((s) => s.doc.connections?.[place.wire]);
  if (pending) return <Empty title={t("queue.loading")}><Spinner label={t("queue.loading")} /></Empty>;
  if (none) return <Empty title={t("queue.noRun")}>{t("queue.noRunWhat")}</Empty>;
  if (place.wire === "") return <WireList flow={flow} run={run} slot={slot} />;
  return <Queue key={`${place.wire} ${run}`} lane={{ flow, wire: place.wire, run }} from={wire?.from ?? ""} to={wire?.to ?? ""} />;
}
