import type { ReactNode } from "react";
import { useText } from "../api/words";
import { Field, type FieldIds } from "../ds/Field";
import { CommitArea, CommitInput } from "../ds/TextInput";
import { useDraft, useEditor } from "../editor/context";
import { at } from "../editor/ops";
import { useSteady } from "../lib/steady";
import { t } from "../words";
import { placeOf, problemsAt } from "./settings";

export interface PathProps {
  path: string[];
  label: string;
  doc?: string;
  /** of is whose it is, for the name of the step. */
  of: string;
}

/** usePath returns the value at a path of the draft, what is wrong there, and a way to change it in one step. */
export function usePath({ path, label, of }: Pick<PathProps, "path" | "label" | "of">): { value: unknown; errors: string[]; set: (v: unknown) => void } {
  const editor = useEditor();
  const text = useText();
  const value = useDraft((s) => at(s.doc, path));
  const problems = useSteady(useDraft((s) => s.problems));
  const errors = problemsAt(problems, placeOf(path)).map(text);
  const set = (v: unknown) => {
    // Entries of the file are never made by a field of theirs.
    if (path.length > 2 && at(editor.store.getState().doc, path.slice(0, 2)) === undefined && path[0] !== "policy") return editor.say("inspector.gone");
    editor.change(t("inspector.does", { property: label, name: of }), [v === undefined ? { path } : { path, value: v }]);
  };
  return { value, errors, set };
}

/** PathField edits the text, or the number, at a path of the draft; empty removes it. */
export function PathField({ number, lines, mono, placeholder, side, most, ...p }: PathProps & { most?: number; number?: boolean; lines?: boolean; mono?: boolean; placeholder?: string; side?: ReactNode }) {
  const { value, errors, set } = usePath(p);
  const text = value === undefined || value === null ? "" : String(value);
  const onCommit = (typed: string) => {
    const plain = typed.normalize("NFKC").trim();
    set(typed === "" ? undefined : number === true && /^-?\d+$/.test(plain) ? Number(plain) : number === true || mono === true ? plain : typed);
  };
  return (
    <Field label={p.label} doc={p.doc} errors={errors} side={side}>
      {(ids) => (lines === true ? <CommitArea {...ids} value={text} onCommit={onCommit} placeholder={placeholder} /> : <CommitInput {...ids} value={text} onCommit={onCommit} placeholder={placeholder} mono={mono} maxLength={most} inputMode={number === true ? "numeric" : undefined} />)}
    </Field>
  );
}

/** PathControl is a field at a path with a control of another sort. */
export function PathControl({ children, inline, ...p }: PathProps & { inline?: boolean; children: (value: unknown, set: (v: unknown) => void, ids: FieldIds) => ReactNode }) {
  const { value, errors, set } = usePath(p);
  return <Field label={p.label} doc={p.doc} errors={errors} inline={inline}>{(ids) => children(value, set, ids)}</Field>;
}
