import { rowsOf, type Run } from "../api/runs";
import { VirtualTable, type VirtualColumn } from "../ds/VirtualTable";
import { short } from "../lib/numbers";
import { usePlace } from "../lib/place";
import { moment, span } from "../lib/times";
import { type Key, t } from "../words";
import { StateWord } from "./StateWord";
import { kindWord, whoWord } from "./who";

/** balanceWord is how a run's books came out, in a word. */
export const balanceWord = (balance: string | undefined): string => (balance === undefined || balance === "" ? "" : t(`runs.${balance}` as Key));

/** slotWidth holds the longest slot whole, also beside an open run; widths of letters differ, so there is some to spare. */
const slotWidth = (runs: readonly Run[]): string => `calc(${Math.max(10, ...runs.map((r) => (r.slot ?? "").length))}ch + 28px)`;

/** RunList lists runs; the chosen one's counts lie on the canvas. */
export function RunList({ runs, beside }: { runs: readonly Run[]; beside: boolean }) {
  const [place, go] = usePlace();
  const all: (VirtualColumn & { beside?: boolean })[] = [
    { id: "state", head: t("runs.colState"), width: "112px", beside: true },
    { id: "slot", head: t("runs.colSlot"), width: slotWidth(runs), beside: true },
    { id: "generation", head: t("runs.colGeneration"), width: "36px", number: true },
    { id: "started", head: t("runs.colStarted"), width: "112px" },
    { id: "took", head: t("runs.colTook"), width: "60px", number: true, beside: true },
    { id: "in", head: t("runs.colIn"), width: "64px", number: true },
    { id: "out", head: t("runs.colOut"), width: "64px", number: true },
    { id: "rejected", head: t("runs.colRejected"), width: "64px", number: true },
    { id: "balance", head: t("runs.colBalance"), width: "92px" },
    { id: "by", head: t("runs.colBy"), width: "minmax(80px, 1fr)" },
  ];
  const cell = (r: Run, column: string) => {
    const rows = rowsOf(r);
    switch (column) {
      case "state": return <StateWord state={r.state ?? ""} />;
      case "slot": return r.slot ?? (beside ? moment(r.started ?? r.created ?? "") : "–");
      case "generation": return r.generation ?? "";
      case "started": return moment(r.started ?? r.created ?? "");
      case "took": return span(r.started, r.finished);
      case "in": return short(rows.in);
      case "out": return short(rows.out);
      case "rejected": return rows.rejected === 0 ? "0" : <b>{short(rows.rejected)}</b>;
      case "balance": return balanceWord(r.balance);
      default: return [whoWord(r.by), kindWord(r.kind)].filter((x) => x !== "").join(" · ");
    }
  };
  return (
    <VirtualTable label={t("runs.list")} columns={beside ? all.filter((c) => c.beside) : all} rows={runs} id={(r) => r.id} cell={cell} current={place.run}
      onOpen={(r) => go({ run: r.id })} tone={(r) => (r.state === "FAILED" ? "red" : r.state === "PARTIAL" ? "amber" : undefined)} />
  );
}
