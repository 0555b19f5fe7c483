import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useLocation } from "wouter";
import { call, path } from "../api/client";
import type { Run } from "../api/runs";
import type { Place } from "../lib/place";
import { moment } from "../lib/times";
import { stateWord } from "../runs/StateWord";
import { type Key, t, useLang } from "../words";
import type { Elsewhere } from "./entries";

const lastRuns = 50;

/** ofFlow are the pages of a flow by their part of the address, ofServer those of the server. */
const ofFlow: [string, Key][] = [["", "app.pageCanvas"], ["?drawer=runs", "app.tabRuns"], ["/parameters", "app.pageParameters"], ["/services", "app.pageServices"], ["/settings", "app.pageSettings"], ["/versions", "app.pageVersions"]];
const ofServer: [string, Key][] = [["/settings/server", "pages.server"], ["/settings/secrets", "pages.secrets"], ["/settings/tokens", "pages.tokens"], ["/settings/audit", "pages.audit"]];

/** useElsewhere lists the pages of this flow and of the server, the other flows and the last runs of this one, for the palette to go to; both are asked for anew when it opens. */
export function useElsewhere(flow: string, go: (change: Partial<Place>) => void): readonly Elsewhere[] {
  const [, navigate] = useLocation();
  const lang = useLang();
  const queries = useQueryClient();
  const flows = useQuery({ queryKey: ["flows"], queryFn: ({ signal }) => call<{ flows: { id: string; name?: string }[] }>("GET", "/flows", undefined, signal) }).data?.flows;
  const runs = useQuery({ queryKey: ["runs", flow, "palette"], queryFn: ({ signal }) => call<{ runs: Run[] }>("GET", path(["runs"], { flow, limit: lastRuns }), undefined, signal) }).data?.runs;
  useEffect(() => {
    const refresh = () => {
      void queries.invalidateQueries({ queryKey: ["flows"] });
      void queries.invalidateQueries({ queryKey: ["runs", flow, "palette"] });
    };
    addEventListener("weir:palette", refresh);
    return () => removeEventListener("weir:palette", refresh);
  }, [flow, queries]);
  return useMemo(() => [
    ...ofFlow.map(([at, name]) => ({ id: at, type: "page" as const, name: t(name), detail: t("tools.ofFlow", { flow }), run: () => navigate(`${path(["flows", flow])}${at}`) })),
    ...ofServer.map(([at, name]) => ({ id: at, type: "page" as const, name: t(name), detail: t("app.settings"), run: () => navigate(at) })),
    ...(flows ?? []).filter((f) => f.id !== flow).map((f) => ({ id: f.id, type: "flow" as const, name: f.name ?? f.id, detail: f.id, run: () => navigate(path(["flows", f.id])) })),
    ...(runs ?? []).map((r) => ({
      id: r.id, type: "run" as const, name: t("tools.runOf", { slot: r.slot ?? moment(r.created ?? "") }),
      detail: [r.state === undefined ? "" : stateWord(r.state), r.id].filter((x) => x !== "").join(" · "), run: () => go({ drawer: "runs", run: r.id }),
    })),
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- words change with the language
  ], [flows, runs, flow, go, navigate, lang]);
}
