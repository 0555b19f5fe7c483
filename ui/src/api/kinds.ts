// Kinds of processors and services, as GET /kinds tells them.
import { useQuery } from "@tanstack/react-query";
import { call } from "./client";

export interface Input {
  name: string;
  doc: string;
  whole_run?: boolean;
  on_empty?: string;
  optional?: boolean;
}

export interface Output {
  name: string;
  doc: string;
  /** class is "out", "filtered" or "rejected". */
  class: string;
  from?: string;
}

export interface Property {
  key: string;
  label: string;
  type: string;
  doc: string;
  required?: boolean;
  default?: string;
  choices?: { value: string; doc: string }[];
  depends_on?: { key: string; values?: string[] }[];
  example?: string;
  advanced?: boolean;
  /** service is the kind of service that the property names. */
  service?: string;
  min?: string;
  max?: string;
  pattern?: string;
  [more: string]: unknown;
}

export interface KindInfo {
  kind: string;
  doc: string;
  tags?: string[];
  service?: boolean;
  inputs?: Input[];
  inputs_from?: string;
  outputs?: Output[];
  outputs_from?: string;
  properties?: Property[];
  needs?: unknown[];
  effects?: string;
  law?: string;
  source?: boolean;
  whole_run?: boolean;
  sink?: boolean;
  single?: boolean;
  batching?: boolean;
  verifies?: boolean;
  infers?: boolean;
  suggests?: boolean;
  previews?: boolean;
}

/** KindMap holds kinds by name, services among them. */
export type KindMap = ReadonlyMap<string, KindInfo>;

/** useKinds returns what kinds the server knows. */
export function useKinds(): KindMap | undefined {
  return useQuery({
    queryKey: ["kinds"],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const { kinds, services } = await call<{ kinds: KindInfo[]; services: KindInfo[] }>("GET", "/kinds", undefined, signal);
      return new Map([...kinds, ...services].map((k) => [k.kind, k])) as KindMap;
    },
  }).data;
}
