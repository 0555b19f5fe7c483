// Kinds of processors and services, as GET /kinds tells them.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Lang, useLang } from "../words";
import { call } from "./client";
import type { NodeDoc } from "./wire";

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
  /** other is what the kind says in the other language, to be found by. */
  other?: { doc: string; tags: string[] };
}

/** Both is a text in each language, as the server tells it. */
export type Both = Record<Lang, string>;

const isBoth = (v: unknown): v is Both => typeof v === "object" && v !== null && typeof (v as Both).en === "string" && typeof (v as Both).ko === "string";

// said puts each text within a value into one language.
function said(v: unknown, lang: Lang): unknown {
  if (isBoth(v)) return v[lang];
  if (Array.isArray(v)) return v.map((x) => said(x, lang));
  if (typeof v !== "object" || v === null) return v;
  return Object.fromEntries(Object.entries(v).map(([key, x]) => [key, said(x, lang)]));
}

/** TwoTongued is a kind as the server tells it: each text of it is Both. */
export type TwoTongued<T> = T extends string ? T | Both : T extends object ? { [K in keyof T]: TwoTongued<T[K]> } : T;

/** spoken puts what a kind says into a language. */
export function spoken(kind: TwoTongued<KindInfo>, lang: Lang): KindInfo {
  const other = said(kind, lang === "ko" ? "en" : "ko") as KindInfo;
  return { ...(said(kind, lang) as KindInfo), other: { doc: other.doc, tags: other.tags ?? [] } };
}

/** KindMap holds kinds by name, services among them. */
export type KindMap = ReadonlyMap<string, KindInfo>;

/** useKinds returns what kinds the server knows, in the language of the pages. */
export function useKinds(): KindMap | undefined {
  const lang = useLang();
  const told = useQuery({
    queryKey: ["kinds"],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const { kinds, services } = await call<{ kinds: TwoTongued<KindInfo>[]; services: TwoTongued<KindInfo>[] }>("GET", "/kinds", undefined, signal);
      return [...kinds, ...services];
    },
  }).data;
  return useMemo(() => told && new Map(told.map((k) => [k.kind as string, spoken(k, lang)])), [told, lang]);
}

/** inputsOf returns the inputs of a node, those that its settings name among them. */
export function inputsOf(node: NodeDoc, kind: KindInfo | undefined): Input[] {
  const declared = kind?.inputs ?? [];
  const named = kind?.inputs_from === undefined ? undefined : node.settings?.[kind.inputs_from];
  const pattern = declared[0];
  if (!Array.isArray(named) || pattern === undefined) return declared;
  const names = [...new Set(named.filter((n): n is string => typeof n === "string" && n !== ""))];
  return names.length === 0 ? declared : names.map((name) => ({ ...pattern, name }));
}

/** outputsOf returns the outputs of a node, those that its settings make among them. */
export function outputsOf(node: NodeDoc, kind: KindInfo | undefined): Output[] {
  const declared = kind?.outputs ?? [];
  const from = kind?.outputs_from;
  const entries = from === undefined ? undefined : node.settings?.[from];
  if (from === undefined || typeof entries !== "object" || entries === null || Array.isArray(entries)) return declared;
  const made = Object.keys(entries).filter((name) => !declared.some((o) => o.name === name));
  return [...declared, ...made.toSorted().map((name) => ({ name, doc: "", class: "out", from }))];
}
