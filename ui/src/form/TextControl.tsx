import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { call, type Failure } from "../api/client";
import type { Property } from "../api/kinds";
import { useText } from "../api/words";
import { type Completion, ComboInput, type Offer } from "../ds/ComboInput";
import type { FieldIds } from "../ds/Field";
import { useDraft, useEditor } from "../editor/context";
import { t } from "../words";
import { complete } from "./complete";
import { useForm } from "./form";
import styles from "./form.module.css";
import { failureOf, notesOf, part } from "./part";

/** ControlProps are those of every control of a property. */
export interface ControlProps {
  property: Property;
  value: unknown;
  onCommit: (value: unknown) => void;
  ids: FieldIds;
}

/** hintOf is what an empty control shows: the default, or an example. */
export function hintOf(p: Property): string {
  if (p.default !== undefined && p.default !== "") return p.default;
  if (p.example !== undefined && p.example !== "") return t("inspector.example", { value: p.example });
  return "";
}

/** useSuggestions asks the server what a property may be, once that is wanted. */
export function useSuggestions(property: Property): { offers: Offer[] | undefined; failure: Failure | undefined; ask: () => void } {
  const { owner, kind } = useForm();
  const [asked, setAsked] = useState(false);
  const editor = useEditor();
  const settings = useDraft((s) => s.doc.nodes[owner.slug]?.settings);
  const on = kind.suggests === true && owner.area === "nodes";
  const query = useQuery({
    queryKey: ["suggest", editor.store.getState().flow, owner.slug, property.key, settings],
    enabled: asked && on, staleTime: 60_000, retry: false,
    queryFn: async ({ signal }) => {
      const body = { doc: part(editor.store.getState().doc, owner.slug), node: owner.slug, property: property.key };
      return (await call<{ values: { value: string; label?: string }[] }>("POST", "/suggest", body, signal)).values.map((v): Offer => ({ value: v.value, detail: v.label }));
    },
  });
  return { offers: query.data, failure: query.error === null ? undefined : failureOf(query.error), ask: () => on && setAsked(true) };
}

/** useCompletion returns what completes a text of a property. */
export function useCompletion(property: Property): { complete: (text: string, caret: number, asked: boolean) => Completion | undefined; failure: Failure | undefined; ask: () => void } {
  const { known } = useForm();
  const { offers, failure, ask } = useSuggestions(property);
  const expressions = property.type === "expression" || property.type === "expression_map";
  return useMemo(() => ({
    ask, failure,
    complete: (text, caret, asked) => {
      const inside = complete(text, caret, known, expressions);
      if (inside !== undefined) return inside;
      if (offers === undefined || offers.length === 0) return undefined;
      const typed = text.toLowerCase();
      const found = offers.filter((o) => asked || `${o.value} ${o.detail ?? ""}`.toLowerCase().includes(typed)).slice(0, 200);
      return { from: 0, to: text.length, offers: found };
    },
  }), [ask, failure, known, offers, expressions]);
}

/** TextControl is one line of text, with what completes it. */
export function TextControl({ property, text, onText, ids }: { property: Property; text: string; onText: (text: string) => void; ids: FieldIds }) {
  const { complete, failure, ask } = useCompletion(property);
  const words = useText();
  const mono = property.type !== "string" && property.type !== "int" && property.type !== "float";
  return (
    <>
      <ComboInput {...ids} value={text} onCommit={onText} complete={complete} onAsk={ask} placeholder={hintOf(property)} mono={mono} lines={property.type === "expression" && text.length > 44} />
      {failure !== undefined && <output className={styles.hint}>{t("inspector.suggestFailed", { text: notesOf(failure).map(words).join(" ") })}</output>}
    </>
  );
}
