// A continuous flow whose store is stopped, so that back pressure builds up, with
// records whose text is Korean.
import type { Page } from "@playwright/test";
import { api } from "./weir";

const rows = [
  { id: 1, name: "김민준", city: "서울특별시", plan: "team", minutes: 42.5, active: true },
  { id: 2, name: "이서연", city: "부산광역시", plan: "free", minutes: 7, active: false },
  { id: 3, name: "박도윤", city: "제주시", plan: "pro", minutes: 128.25, active: true },
  { id: 4, name: "최하은", city: "인천광역시", plan: "free", minutes: null, active: true },
  { id: 5, name: "정우진", city: "전주시", plan: "pro", minutes: 63, active: false },
];

export const meters = {
  weir: 1,
  id: "meters",
  name: "Meters",
  mode: "continuous",
  nodes: {
    source: { kind: "GenerateFlowFile", name: "Meters", every: "100ms", settings: { batch: 4, text: rows.map((r) => JSON.stringify(r)).join("\n"), attributes: { "mime.type": "application/x-ndjson", place: "서울" } } },
    mark: { kind: "UpdateAttribute", name: "Mark", settings: { set: { seen: "yes" } }, terminate: ["failure"] },
    store: { kind: "LogAttribute", name: "Store", terminate: ["success", "failure"] },
  },
  connections: {
    "source-mark": { from: "source", output: "success", to: "mark", limit: { flowfiles: 60 } },
    "mark-store": { from: "mark", output: "success", to: "store", limit: { flowfiles: 60 } },
  },
  layout: { source: [0, 0], mark: [296, 0], store: [592, 0] },
};

/** startMeters makes the flow and starts all of it but the store. */
export async function startMeters(page: Page): Promise<void> {
  await api(page, "POST", "/flows", { doc: meters });
  await api(page, "POST", "/flows/meters/start", {});
  await api(page, "POST", "/flows/meters/nodes/stop", { nodes: ["store"] });
}
