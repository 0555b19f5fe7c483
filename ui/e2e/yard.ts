// What the screens show beside the demo: a flow with a group, a note and parked
// FlowFiles, one with problems, and one with nothing at all.
import type { Page } from "@playwright/test";
import { startMeters } from "./meters";
import { api, expect, newestRun } from "./weir";

const yard = {
  weir: 1,
  id: "yard",
  name: "Yard",
  mode: "runs",
  policy: { retries: 0 },
  parameters: { place: { type: "string", default: "서울", doc: "Where the yard is." } },
  groups: { clean: { name: "Clean up", doc: "What every FlowFile goes through." } },
  labels: { note: { text: "폴더가 있는 자리에는 쓸 수 없습니다. A folder is in the way.", at: [0, 180], size: [240, 88], color: "amber" } },
  nodes: {
    made: { kind: "GenerateFlowFile", name: "Made", settings: { count: 3, text: '{"name": "김민준", "city": "#{place}"}', attributes: { "mime.type": "application/x-ndjson", where: "processed" } } },
    in: { kind: "InputPort", group: "clean" },
    mark: { kind: "UpdateAttribute", name: "Mark", group: "clean", settings: { set: { seen: "yes" } }, terminate: ["failure"] },
    out: { kind: "OutputPort", group: "clean" },
    write: { kind: "WriteFile", name: "Write", settings: { path: "${where}", conflict: "replace" }, terminate: ["success", "failure"] },
  },
  connections: {
    "made-in": { from: "made", output: "success", to: "in" },
    "in-mark": { from: "in", output: "success", to: "mark" },
    "mark-out": { from: "mark", output: "success", to: "out" },
    "out-write": { from: "out", output: "success", to: "write" },
  },
  layout: { made: [0, 0], "group:clean": [320, 0], write: [640, 0], in: [0, 0], mark: [200, 0], out: [520, 0] },
};

const broken = {
  weir: 1,
  id: "broken",
  mode: "runs",
  nodes: {
    read: { kind: "ReadFirestore", settings: { schema: [["uid", "strin"]] } },
    write: { kind: "WriteCSV", settings: { path: "/etc/${name:nosuch()}" } },
  },
  connections: {},
  layout: { read: [0, 0], write: [320, 0] },
};

/** Yard is what was made, by what screens need of it. */
export interface Yard {
  /** run ended well, failed has three FlowFiles parked. */
  run: string;
  failed: string;
  /** parked is one of them. */
  parked: string;
}

/** furnish makes all that the screens show. */
export async function furnish(home: Page): Promise<Yard> {
  const run = await newestRun(home, "calback-daily");
  await startMeters(home);
  for (const name of ["Mark", "Mark all"]) {
    await api(home, "POST", "/flows", { doc: { ...yard, nodes: { ...yard.nodes, mark: { ...yard.nodes.mark, name } } } });
  }
  await api(home, "POST", "/runs", { flow: "yard" });
  const failed = await newestRun(home, "yard");
  const { parked } = await api<{ parked: { id: string }[] }>(home, "GET", `/runs/${failed}/parked`);
  expect(parked).toHaveLength(3);
  await api(home, "POST", "/flows", { doc: broken, draft: true });
  await api(home, "POST", "/flows", { doc: { weir: 1, id: "bare", mode: "runs", nodes: {} }, draft: true });
  await api(home, "PUT", "/secrets/gcp-key", { value: "not to be seen" });
  await api(home, "POST", "/tokens", { name: "nightly" });
  return { run, failed, parked: parked[0]?.id ?? "" };
}
