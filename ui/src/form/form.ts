import { createContext, useContext, useMemo } from "react";
import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import type { KindInfo, KindMap } from "../api/kinds";
import type { FlowDoc } from "../api/wire";
import { useDraft } from "../editor/context";
import { fileAttributes, type Known, runAttributes } from "./complete";
import type { Owner } from "./settings";

/** Form is what the fields of one owner know of their surroundings. */
export interface Form {
  owner: Owner;
  /** also are other nodes that every change is made to. */
  also?: readonly string[];
  /** name is what people call the owner. */
  name: string;
  kind: KindInfo;
  kinds: KindMap;
  known: Known;
}

const Context = createContext<Form | undefined>(undefined);

/** FormContext gives the form to its fields. */
export const FormContext = Context;

/** useForm returns the form that a field stands in. */
export function useForm(): Form {
  const form = useContext(Context);
  if (form === undefined) throw new Error("a field stands in no form");
  return form;
}

// Attributes that nodes of the flow set, by the maps of expressions they have.
function madeAttributes(doc: FlowDoc, kinds: KindMap): string[] {
  const names = new Set<string>();
  for (const node of Object.values(doc.nodes)) {
    const kind = kinds.get(node.kind);
    for (const p of kind?.properties ?? []) {
      const v = node.settings?.[p.key];
      if (p.type === "expression_map" && kind?.outputs_from !== p.key && typeof v === "object" && v !== null) Object.keys(v).forEach((k) => names.add(k));
    }
  }
  return [...names].toSorted();
}

/** useKnown returns the names that texts of an owner may use. */
export function useKnown(owner: Owner, kind: KindInfo | undefined, kinds: KindMap): Known {
  const doc = useDraft((s) => s.doc);
  return useMemo(() => {
    const attributes: string[] = [];
    if (owner.area === "nodes") {
      if (kind?.source !== true && kind?.whole_run !== true) attributes.push(...madeAttributes(doc, kinds), ...fileAttributes);
      if (doc.mode === "runs") attributes.push(...runAttributes, ...Object.keys(doc.parameters ?? {}).map((p) => `run.params.${p}`));
    }
    return {
      attributes: [...new Set(attributes)].map((value) => ({ value })),
      parameters: Object.entries(doc.parameters ?? {}).map(([value, p]) => ({ value, detail: [p.type, p.doc].filter(Boolean).join(" · ") })),
    };
  }, [doc, kind, kinds, owner.area]);
}

/** useSecrets returns the names of the secrets that the server keeps; it never tells their values. */
export function useSecrets(): string[] | undefined {
  return useQuery({ queryKey: ["secrets"], queryFn: async ({ signal }) => (await call<{ secrets: string[] }>("GET", "/secrets", undefined, signal)).secrets }).data;
}
