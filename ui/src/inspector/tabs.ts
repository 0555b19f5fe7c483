// Which tab a node opens at: that of the problem one comes from, else the one that was last chosen for its kind.

/** schedulingKeys are the parts of a node that the tab Scheduling shows. */
export const schedulingKeys = ["workers", "every", "cron", "run_duration", "penalty", "yield", "after", "discard", "retries", "retry_delay"];
/** portKeys are those that the tab Ports shows. */
export const portKeys = ["terminate", "inputs"];

/** tabOfPath is the tab of a node in which a part of the flow file is mended. */
export function tabOfPath(path: string): string {
  const [area, , key = ""] = path.split(/[.[\]]+/);
  if (area !== "nodes") return "";
  if (key === "") return "ports"; // an end that leads nowhere
  return schedulingKeys.includes(key) ? "scheduling" : portKeys.includes(key) ? "ports" : "properties";
}

interface Kept {
  /** across is "runs" while runs are looked at from node to node. */
  across: string;
  kinds: Record<string, string>;
}

const name = "weir.tabs";

// Kept with the browser's tab, so that a reload shows the same.
function kept(): Kept {
  try {
    const read = JSON.parse(sessionStorage.getItem(name) ?? "") as Partial<Kept>;
    return { across: read.across ?? "", kinds: read.kinds ?? {} };
  } catch {
    return { across: "", kinds: {} };
  }
}

/** keepTab remembers the tab that was chosen at a node of a kind. Runs are looked at from node to node, whatever the kind. */
export function keepTab(kind: string, tab: string): void {
  const { kinds } = kept();
  const next: Kept = tab === "runs" ? { across: tab, kinds } : { across: "", kinds: { ...kinds, [kind]: tab } };
  sessionStorage.setItem(name, JSON.stringify(next));
}

/** keptTab is the tab at which a node of a kind opens. */
export function keptTab(kind: string): string {
  const { across, kinds } = kept();
  return across === "" ? (kinds[kind] ?? "properties") : across;
}
