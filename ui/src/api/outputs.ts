// What runs wrote, as the server tells it, and where the bytes are found.
import { useQuery } from "@tanstack/react-query";
import { call, type Failure, path } from "./client";
import type { Content } from "./queues";
import type { Schemas } from "./wire";

/** Output is what a run wrote and where it is now. */
export type Output = Schemas["server.RunOutput"];

export type Outputs = Schemas["server.RunOutputs"];

/** useOutputs lists what a run wrote; it is asked for anew when there are more. */
export function useOutputs(run: string, count: number) {
  return useQuery<Outputs, Failure>({
    queryKey: ["outputs", run, count], enabled: count > 0,
    queryFn: ({ signal }) => call<Outputs>("GET", path(["runs", run, "outputs"]), undefined, signal),
  });
}

/** outputContent is the file that a run wrote. */
export const outputContent = (run: string, o: Pick<Output, "node" | "key" | "bytes" | "sha256">): Content => ({
  key: `output/${run}/${o.node}/${o.key}/${o.sha256 ?? ""}`,
  size: o.bytes,
  url: (what, query) => path(["runs", run, "outputs", o.node, what], { key: o.key, ...query }),
});

/** outputOf finds a file that the URL names; of several under one key the one written last. */
export const outputOf = (list: readonly Output[], named: { node: string; key: string } | undefined): Output | undefined =>
  list.findLast((o) => o.file !== undefined && o.node === named?.node && o.key === named.key);

/** outputItem names an output, or with nothing all of them, in the URL's item. */
export const outputItem = (o?: { node: string; key: string }): string => (o === undefined ? "outputs" : `outputs/${o.node}/${o.key}`);

/** itemOutput is the reverse: undefined when the item is no output, "" of node and key for all. */
export function itemOutput(item: string): { node: string; key: string } | undefined {
  if (item === "outputs") return { node: "", key: "" };
  const found = /^outputs\/([^/]+)\/(.+)$/s.exec(item);
  return found === null ? undefined : { node: found[1] ?? "", key: found[2] ?? "" };
}
