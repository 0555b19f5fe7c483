// The Calback flow of the examples as something to be built by hand: its parts,
// read from its file, with what the server's kinds call their fields; and what
// must be the same once the flow made by hand has run.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { Board } from "./canvas";
import { api, expect, type Weir } from "./weir";

interface Node {
  kind: string;
  name: string;
  doc?: string;
  settings: Record<string, unknown>;
  inputs?: Record<string, { on_empty?: string }>;
  terminate?: string[];
}

interface Wire {
  from: string;
  output: string;
  to: string;
  input?: string;
}

export interface Doc {
  id: string;
  name: string;
  doc: string;
  mode: string;
  nodes: Record<string, Node>;
  connections: Record<string, Wire>;
  layout: Record<string, [number, number]>;
  parameters: Record<string, { type: string; doc: string; default: string }>;
  policy: { retries: number; retry_delay: string };
  schedule: { every: string; at: string; zone: string; missed: string };
  services: Record<string, { kind: string; settings: Record<string, unknown> }>;
  weir: number;
}

/** example is the flow that is built again. */
export const example = JSON.parse(readFileSync(join(import.meta.dirname, "../../flows/examples/calback-daily.json"), "utf8")) as Doc;

/** wires are the example's connections. */
export const wires: Wire[] = Object.values(example.connections);

interface Property {
  key: string;
  label: string;
  type: string;
  advanced?: boolean;
}

/** Field is a property to be filled; value is that of the file. */
export interface Field extends Property {
  value: unknown;
}

/** Fields gives the properties that a part sets, in the order of its form. */
export type Fields = (part: { kind: string; settings: Record<string, unknown> }) => Field[];

/** fieldsOf asks the server what each kind's properties are called. */
export async function fieldsOf(page: Page): Promise<Fields> {
  const text = (v: unknown): string => (typeof v === "string" ? v : (v as { en: string }).en);
  interface Kind {
    kind: string;
    properties?: (Omit<Property, "label"> & { label: unknown })[];
  }
  const told = await api<{ kinds: Kind[]; services: Kind[] }>(page, "GET", "/kinds");
  const kinds = [...told.kinds, ...told.services];
  return ({ kind, settings }) => {
    const properties = kinds.find((k) => k.kind === kind)?.properties ?? [];
    const fields = properties.filter((p) => settings[p.key] !== undefined).map((p) => ({ ...p, label: text(p.label), value: settings[p.key] }));
    expect(fields.map((f) => f.key).toSorted(), `${kind} has a field for each setting`).toEqual(Object.keys(settings).toSorted());
    return fields;
  };
}

/** normal is a flow without its id, its name and its places; wires and ends lie in one order. */
function normal(doc: Doc): unknown {
  const { id: _, name: _name, layout: _layout, nodes, connections, ...rest } = doc;
  const plain = Object.entries(nodes).map(([slug, n]) => [slug, { ...n, ...(n.terminate !== undefined && { terminate: n.terminate.toSorted() }) }]);
  return { ...rest, nodes: Object.fromEntries(plain) as unknown, connections: Object.values(connections).map((c) => JSON.stringify(c, ["from", "output", "to", "input"])).toSorted() };
}

/** sameAsExample holds what was exported to the example. */
export function sameAsExample(exported: string): void {
  expect(normal(JSON.parse(exported) as Doc)).toEqual(normal(example));
}

/** Written is what the demo's own run of the flow left. */
export interface Written {
  slot: string;
  files: Map<string, Buffer>;
}

/** takeAway reads the CSV files that the demo wrote for its slot and removes them, so that what is there later was written anew. */
export async function takeAway(page: Page, weir: Weir): Promise<Written> {
  const { runs } = await api<{ runs: { state: string; slot: string }[] }>(page, "GET", `/runs?flow=${example.id}&limit=1`);
  const [run] = runs;
  if (run?.state !== "SUCCESS") throw new Error(`the demo's run is ${JSON.stringify(run)}`);
  const files = new Map<string, Buffer>();
  for (const n of Object.values(example.nodes)) {
    if (n.kind !== "WriteCSV") continue;
    const path = String(n.settings["path"]).replace("${run.date}", run.slot);
    const file = join(weir.data, "files", path);
    files.set(path, readFileSync(file));
    rmSync(file);
  }
  expect(files.size).toBe(4);
  return { slot: run.slot, files };
}

/** sameFiles holds the files that are there now to those that the demo wrote, byte by byte. */
export function sameFiles(weir: Weir, was: Written): void {
  for (const [path, bytes] of was.files) {
    const file = join(weir.data, "files", path);
    expect(existsSync(file), `${path} was written`).toBe(true);
    const now = readFileSync(file);
    expect(now.equals(bytes), `${path} holds the demo's ${bytes.length} bytes, it has ${now.length}`).toBe(true);
  }
}

const number = (text: string | undefined): number => Number((text ?? "").replaceAll(",", ""));

/** balanced reads the run's books off the page: what leaves a node arrives, and no row is lost. */
export async function balanced(board: Board): Promise<void> {
  const table = board.drawer.getByRole("table", { name: "Rows of each node" });
  await expect(table.getByRole("row")).toHaveCount(Object.keys(example.nodes).length + 1);
  const [heads = [], ...lines] = await table.getByRole("row").evaluateAll((rows) => rows.map((r) => [...r.querySelectorAll("th,td")].map((c) => c.textContent ?? "")));
  const books = new Map(lines.map((cells) => [cells[heads.indexOf("Node")], (head: string) => cells[heads.indexOf(head)]]));
  const of = (slug: string, head: string) => number(books.get(example.nodes[slug]?.name)?.(head));
  for (const [slug, n] of Object.entries(example.nodes)) {
    expect(books.get(n.name)?.("Balance"), `the balance of ${n.name}`).toBe("balanced");
    const into = wires.filter((w) => w.to === slug);
    const leaves = wires.some((w) => w.from === slug);
    if (into.length === 0) {
      expect(of(slug, "Read"), `${n.name} read rows`).toBeGreaterThan(0);
      expect(of(slug, "Out") + of(slug, "Rejected"), `${n.name} hands on or rejects all that it read`).toBe(of(slug, "Read"));
    } else {
      expect(of(slug, "In"), `${n.name} took all that was sent to it`).toBe(into.reduce((sum, w) => sum + of(w.from, "Out"), 0));
      if (!leaves) expect(of(slug, "Written") + of(slug, "Rejected"), `${n.name} writes or rejects all that it took`).toBe(of(slug, "In"));
    }
  }
}
