import type { Queued } from "../api/queues";
import { VirtualTable, type VirtualColumn } from "../ds/VirtualTable";
import { bytes } from "../lib/numbers";
import { usePlace } from "../lib/place";
import { age } from "../lib/times";
import { t } from "../words";
import type { Lane, Listing } from "./useQueue";

/** stateOf says in a word what a FlowFile in a queue does. */
export function stateOf(f: Queued, now = Date.now()): string {
  if (f.held) return t("queue.held");
  if (f.due !== undefined && new Date(f.due).getTime() > now) return t("queue.penalized", { in: age(2 * now - new Date(f.due).getTime(), now) });
  return t("queue.waiting");
}

// What Weir itself says of content stands in the details.
const own = new Set(["mime.type", "record.schema"]);
const glance = (f: Queued) => Object.entries(f.attributes).filter(([k]) => !own.has(k)).map(([k, v]) => `${k}=${v}`).join("  ");

/** QueueList lists FlowFiles; the open one lies beside it. */
export function QueueList({ list, lane }: { list: Listing; lane: Lane }) {
  const [place, go] = usePlace();
  const beside = place.item !== "";
  const all: (VirtualColumn & { beside?: boolean })[] = [
    { id: "no", head: t("queue.position"), width: "44px", number: true, beside: true },
    { id: "id", head: t("queue.id"), width: "minmax(72px, 110px)", beside: true },
    { id: "age", head: t("queue.age"), width: "60px", number: true, beside: true },
    { id: "size", head: t("queue.size"), width: "68px", number: true, beside: true },
    { id: "rows", head: t("queue.rows"), width: "60px", number: true, beside: true },
    ...(lane.run === "" ? [] : [{ id: "run", head: t("queue.run"), width: "64px" }]),
    { id: "tries", head: t("queue.tries"), width: "48px", number: true },
    { id: "state", head: t("queue.state"), width: "112px" },
    { id: "attributes", head: t("queue.attributes"), width: "minmax(80px, 1fr)" },
  ];
  const now = list.at;
  const cell = (f: Queued, column: string, index: number) => {
    switch (column) {
      case "no": return index + 1;
      case "id": return f.id.slice(-10);
      case "age": return f.entered === undefined ? "–" : age(f.entered, now);
      case "size": return bytes(f.size);
      case "rows": return f.rows < 0 ? "–" : f.rows.toLocaleString("en");
      case "run": return (f.run ?? "").slice(-6);
      case "tries": return f.tries;
      case "state": return stateOf(f, now);
      default: return glance(f);
    }
  };
  return (
    <VirtualTable label={t("queue.list")} columns={beside ? all.filter((c) => c.beside) : all} rows={list.items} id={(f) => f.at} cell={cell}
      current={place.item} onOpen={(f) => go({ item: f.at })} onEnd={list.more ? list.next : undefined} tone={(f) => (f.tries > 0 ? "amber" : undefined)} />
  );
}
