// The SQL editor, in a chunk of its own. It lives in a shadow root, where its
// styles are sheets: the page's policy forbids style elements.
import { autocompletion } from "@codemirror/autocomplete";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { minimalSetup } from "codemirror";
import { useEffect, useEffectEvent, useRef } from "react";

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--card)", fontSize: "12px", border: "1px solid var(--line-strong)", borderRadius: "5px" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "18px", minHeight: "44px", maxHeight: "120px" },
  ".cm-content": { caretColor: "var(--ink)", padding: "4px 2px" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-tooltip": { background: "var(--raised)", color: "var(--ink)", border: "1px solid var(--line)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { background: "var(--accent-soft)", color: "var(--ink)" },
});

const inks = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent-text)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--run-text)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--amber-text)" },
  { tag: tags.comment, color: "var(--ink-2)" },
]);

const language = (columns: readonly string[]) => sql({ dialect: PostgreSQL, schema: { queue: [...columns] }, defaultTable: "queue", upperCaseKeywords: false });

/** SqlEditor edits one SELECT; Ctrl-Enter runs it. */
export function SqlEditor({ label, value, columns = [], onChange, onRun }: {
  label: string;
  value: string;
  columns?: readonly string[];
  onChange: (sql: string) => void;
  onRun: (sql: string) => void;
}) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const told = useRef(new Compartment());
  const changed = useEffectEvent(onChange);
  const run = useEffectEvent(onRun);
  const begin = useEffectEvent((root: ShadowRoot, parent: HTMLElement) => new EditorView({
    root, parent,
    state: EditorState.create({
      doc: value,
      extensions: [
        keymap.of([{ key: "Mod-Enter", run: (v) => (run(v.state.doc.toString()), true) }]),
        minimalSetup, told.current.of(language(columns)), autocompletion(), look, syntaxHighlighting(inks), EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
        EditorView.updateListener.of((u) => u.docChanged && changed(u.state.doc.toString())),
      ],
    }),
  }));
  useEffect(() => {
    const el = host.current;
    if (el === null) return undefined;
    const root = el.shadowRoot ?? el.attachShadow({ mode: "open", delegatesFocus: true });
    const parent = document.createElement("div");
    root.replaceChildren(parent);
    const editor = begin(root, parent);
    view.current = editor;
    return () => editor.destroy();
  }, []);
  const names = columns.join("\n");
  useEffect(() => {
    view.current?.dispatch({ effects: told.current.reconfigure(language(names === "" ? [] : names.split("\n"))) });
  }, [names]);
  return <div ref={host} />;
}
