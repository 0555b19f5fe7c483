// A flow's line of the list of flows, and what turns its schedule on and off.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, Failure, path } from "./client";

/** FlowStatus is what of a flow's line the pages of the flow need; schedule is that of the version in force. */
export interface FlowStatus {
  id: string;
  name?: string;
  mode?: string;
  version: number;
  draft?: boolean;
  running?: boolean;
  schedule?: { zone: string };
  status: { enabled?: boolean; paused?: boolean; started?: boolean };
  next?: string;
  next_slot?: string;
}

/** useFlowStatus returns the flow's line of the list of flows. */
export function useFlowStatus(flow: string): FlowStatus | undefined {
  const { data } = useQuery({ queryKey: ["flows"], refetchInterval: 30_000, queryFn: ({ signal }) => call<{ flows: FlowStatus[] }>("GET", "/flows", undefined, signal) });
  return data?.flows.find((f) => f.id === flow);
}

/** Switch is what is done to a flow's schedule: whether it makes runs, and whether those wait. */
export type Switch = "enable" | "disable" | "pause" | "unpause";

/** useSwitch returns what switches a flow's schedule, and why that was refused. */
export function useSwitch(flow: string) {
  const queries = useQueryClient();
  const [failure, setFailure] = useState<Failure>();
  const flip = async (verb: Switch) => {
    try {
      await call("POST", path(["flows", flow, verb]), {});
      setFailure(undefined);
    } catch (e) {
      if (!(e instanceof Failure)) throw e;
      setFailure(e);
    }
    await queries.invalidateQueries({ queryKey: ["flows"] });
  };
  return { flip, failure };
}

/** scheduled tells whether a flow's version in force has a schedule to turn on. */
export const scheduled = (f: Pick<FlowStatus, "mode" | "version" | "schedule">): boolean => f.version > 0 && f.mode !== "continuous" && f.schedule !== undefined;

/** firing shows a time in a zone, day and minute. */
export function firing(time: string, zone: string | undefined, lang: string): string {
  return new Intl.DateTimeFormat(lang, { month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }).format(new Date(time));
}
