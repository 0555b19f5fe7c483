// What a person says of their Google project, and the operations that take it.
import { useQuery } from "@tanstack/react-query";
import { call, Failure } from "../api/client";
import type { FlowDoc, Note } from "../api/wire";
import { lang } from "../words";

/** names are the values that step 1 asks for. */
export const names = ["project", "property", "dataset", "location", "database", "impersonate", "key", "endpoint"] as const;

/** Name is one of them. */
export type Name = (typeof names)[number];

/** Project is what step 1 settles; empty means not said. */
export type Project = Record<Name, string>;

/** nobody is a project of which nothing is said. */
export const nobody: Project = { project: "", property: "", dataset: "", location: "asia-northeast3", database: "", impersonate: "", key: "", endpoint: "" };

/** sandbox is the project that lives inside the server. */
export const sandbox: Project = { ...nobody, project: "calback-demo", property: "412345678", dataset: "calback", endpoint: "sandbox" };

/** fromQuery reads a project from the URL, undefined where it names none. */
export function fromQuery(query: string): Project | undefined {
  const q = new URLSearchParams(query);
  if (!q.has("project")) return undefined;
  return Object.fromEntries(names.map((n) => [n, q.get(n) ?? ""])) as Project;
}

/** toQuery writes a project into the URL, so that a reload keeps it. */
export const toQuery = (p: Project): string => String(new URLSearchParams(said(p)));

/** said leaves out what is empty: the server wants no empty values. */
export const said = <T extends Record<string, string>>(p: T): Record<string, string> => Object.fromEntries(Object.entries(p).filter(([, v]) => v !== ""));

const codes: Record<string, Name> = { cli_setup_project: "project", cli_setup_location: "location", cli_setup_place: "location", cli_setup_dataset: "dataset", cli_init_location: "location" };

/** fieldOf tells which value of step 1 a refusal is about. */
export function fieldOf(n: Note): Name | undefined {
  if (n.code.startsWith("ga4_property_")) return "property";
  const named = n.args?.["property"] ?? n.args?.["field"];
  return codes[n.code] ?? names.find((x) => n.code.startsWith("set") && x === named);
}

/** Step is one check, as the server tells it. */
export interface Step {
  node: string;
  step: Note;
  state: "ok" | "failed" | "skipped";
  note?: Note;
  fault?: Note;
}

/** owners are whom the checks are of, in their order. */
export const owners = ["gcp", "firestore", "analytics", "bigquery"] as const;

/** askScript fetches the script; it refuses what cannot be meant. */
export const askScript = (p: Project, signal?: AbortSignal) =>
  call<{ script: string; email: string }>("POST", "/setup/script", said({ project: p.project, property: p.property, dataset: p.dataset, location: p.location, lang: lang() }), signal);

/** askChecks tries each service. */
export async function askChecks(p: Project, signal?: AbortSignal): Promise<Step[]> {
  const { doc } = await call<{ doc: FlowDoc }>("POST", "/setup/checks", said(p), signal);
  return (await call<{ steps: Step[] }>("POST", "/flows/verify", { doc }, signal)).steps;
}

/** Found is what a project has of something. */
export interface Found {
  items: { value: string; label?: string }[];
  likely?: string;
  second?: string;
}

/** useFind looks something up in a project. */
export function useFind(p: Project, what: "collections" | "fields" | "dimensions" | "zone" | "datasets", collection = "") {
  const { location: _, ...rest } = p;
  const body = said({ ...rest, what, collection });
  return useQuery({
    queryKey: ["setup", "find", body], enabled: what !== "fields" || collection !== "", staleTime: 60_000, retry: false,
    queryFn: ({ signal }) => call<Found>("POST", "/setup/find", body, signal),
  });
}

/** Picked is what step 4 settles. */
export type Picked = Record<"users" | "users_key" | "meetings" | "dimension" | "dataset" | "zone" | "at", string>;

/** Made is the flow that came of it. */
export interface Made {
  flow: string;
  doubts?: string[];
}

/** makeFlow makes the flow; one that is there is replaced only when that is wanted. */
export function makeFlow(p: Project, picked: Picked, replace: boolean): Promise<Made> {
  const { location, ...rest } = p;
  const body = { ...said({ ...rest, ...picked, location: picked.dataset === p.dataset ? location : "" }), ...(replace ? { replace } : {}) };
  return call<Made>("POST", "/setup/flow", body);
}

/** asFailure is what went wrong, as something that can be told. */
export const asFailure = (e: unknown): Failure => (e instanceof Failure ? e : new Failure(0, { code: "server_unreachable" }));
