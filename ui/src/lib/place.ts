// What is open stands in the URL, so that a link or a reload shows the same.
import { useCallback, useMemo } from "react";
import { useLocation, useSearchParams } from "wouter";

/** Place is the part of the URL that says what of a flow is open. */
export interface Place {
  /** group is the group that the canvas shows, "" for the flow's top. */
  group: string;
  /** run is the run whose counts lie over the canvas, "" for none. */
  run: string;
  /** open is what the inspector shows: a node's slug, "wire:w", "group:g", "flow" or ""; "node" is another name of it. */
  open: string;
  /** tab is the inspector's tab. */
  tab: string;
  /** drawer is what the bottom drawer shows: "", "runs", "queue", "parked", "bulletins", "logs", "problems", "changes". */
  drawer: string;
  /** wire is the connection whose queue the drawer shows; item the FlowFile in it. */
  wire: string;
  item: string;
}

const names = ["group", "run", "open", "tab", "drawer", "wire", "item"] as const;

/** elsewhere is the address of the flow's canvas, seen from another page of the flow; undefined on the canvas itself. */
const elsewhere = (): string | undefined => /^(\/flows\/[^/]+)\/./.exec(location.pathname)?.[1];

/** usePlace returns what is open and a way to change parts of it; what is opened from another page of the flow is shown on its canvas. */
export function usePlace(): [Place, (change: Partial<Place>, options?: { replace?: boolean }) => void] {
  const [params, setParams] = useSearchParams();
  const [, navigate] = useLocation();
  const key = params.toString();
  const place = useMemo(() => {
    const read = new URLSearchParams(key);
    return Object.fromEntries(names.map((name) => [name, read.get(name) ?? (name === "open" ? read.get("node") : null) ?? ""])) as unknown as Place;
  }, [key]);
  const go = useCallback(
    (change: Partial<Place>, options?: { replace?: boolean }) => {
      const canvas = elsewhere();
      if (canvas !== undefined) {
        const wanted = new URLSearchParams(Object.entries(change).filter(([, value]) => value !== "" && value !== undefined));
        return navigate([canvas, wanted.toString()].filter((part) => part !== "").join("?"), options);
      }
      setParams((before) => {
        const next = new URLSearchParams(before);
        // Another thing has its own tabs.
        if (change.open !== undefined && change.open !== (before.get("open") ?? before.get("node") ?? "")) next.delete("tab");
        if (change.open !== undefined) next.delete("node");
        for (const [name, value] of Object.entries(change)) {
          if (value === "" || value === undefined) next.delete(name);
          else next.set(name, value);
        }
        return next;
      }, options ?? {});
    },
    [setParams, navigate],
  );
  return [place, go];
}
