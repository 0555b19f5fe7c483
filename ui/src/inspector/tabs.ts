// Which tab a node opens at: that of the problem one comes from, else the one that was last chosen for its kind.

/** schedulingKeys are the parts of a node that the tab Scheduling shows. */
export const schedulingKeys = ["workers", "every", "cron", "run_duration", "penalty", "yield", "after", "discard", "retries", "retry_delay"];
/** portKeys are those that the tab Ports shows. */
export const portKeys = ["terminate", "inputs"];

/** tabOfPath is the tab of a node in which a part of the flow file is mended. */
export function tabOfPath(path: string): string {
  const [area, , key = ""] = path.split(/[.[\]]+/);
  if (area !== "nodes") return "";
  return schedulingKeys.includes(key) ? "scheduling" : portKeys.includes(key) ? "ports" : "properties";
}

const kept = new Map<string, string>();
let across = "";

/** keepTab remembers the tab that was chosen at a node of a kind. Runs are looked at from node to node, whatever the kind. */
export function keepTab(kind: string, tab: string): void {
  across = tab === "runs" ? tab : "";
  if (across === "") kept.set(kind, tab);
}

/** keptTab is the tab at which a node of a kind opens. */
export const keptTab = (kind: string): string => (across === "" ? (kept.get(kind) ?? "properties") : across);
