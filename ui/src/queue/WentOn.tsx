import { FileText } from "lucide-react";
import { outputItem } from "../api/outputs";
import { over, type Receipt, useRun } from "../api/runs";
import type { FlowDoc } from "../api/wire";
import { Button } from "../ds/Button";
import { Empty } from "../ds/Empty";
import { useDraft } from "../editor/context";
import { usePlace } from "../lib/place";
import { t } from "../words";

/** behind returns the nodes that what leaves a wire can come to. */
export function behind(wires: NonNullable<FlowDoc["connections"]>, wire: string): Set<string> {
  const found = new Set<string>();
  const todo = [wires[wire]?.to];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    for (const c of Object.values(wires)) if (c.from === node) todo.push(c.to);
  }
  return found;
}

/** wanted is what a reader of what was written wants to see: the only file behind a wire, or of the run; else the list. */
export function wanted(receipts: readonly Receipt[], nodes: Set<string> | undefined): string {
  const files = receipts.filter((r) => r.file !== undefined && (nodes === undefined || nodes.has(r.node)));
  return outputItem(files.length === 1 ? files[0] : undefined);
}

/** ReadWritten leads to what a run wrote: to the file behind a wire when there is one alone. */
export function ReadWritten({ run, wire, quiet }: { run: string; wire?: string; quiet?: boolean }) {
  const [, go] = usePlace();
  const wires = useDraft((s) => s.doc.connections);
  const receipts = useRun(run).data?.run.receipts ?? [];
  if (receipts.length === 0) return null;
  const item = wanted(receipts, wire === undefined ? undefined : behind(wires ?? {}, wire));
  return (
    <Button kind={quiet === true ? "link" : "primary"} size="small" icon={<FileText size={14} aria-hidden="true" />} onClick={() => go({ drawer: "runs", run, item })}>
      {t("queue.readWritten")}
    </Button>
  );
}

/** WentOn says of an empty queue of a run what has become of all that came, and leads to what was written. */
export function WentOn({ run: id, wire }: { run: string; wire: string }) {
  const run = useRun(id).data?.run;
  const q = run?.queues?.[wire];
  const came = q?.entered.n ?? 0;
  if (run === undefined || q === undefined || came === 0) {
    return <Empty title={t(run !== undefined && over(run.state) ? "queue.noneCame" : "queue.empty")}>{run === undefined || over(run.state) ? null : t("queue.emptyWhat")}</Empty>;
  }
  const counted = q.left.rows > 0 && (q.left.unknown ?? 0) === 0;
  const title = q.left.n < came ? t("queue.someWentOn", { n: q.left.n, of: came }) : counted ? t("queue.rowsWentOn", { rows: q.left.rows, n: came }) : t("queue.allWentOn", { n: came });
  return (
    <Empty title={title} action={<ReadWritten run={id} wire={wire} />}>
      {q.left.n < came ? t("queue.othersStay") : t("queue.wentOnWhat")}
    </Empty>
  );
}
