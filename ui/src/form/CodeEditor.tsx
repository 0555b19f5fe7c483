// The code editor, in a chunk of its own. It lives in a shadow root, where its
// styles are sheets and not style elements, which the page's policy forbids.
import { autocompletion, type CompletionContext } from "@codemirror/autocomplete";
import { json } from "@codemirror/lang-json";
import { sql } from "@codemirror/lang-sql";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, placeholder as placeholderOf } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { minimalSetup } from "codemirror";
import { useEffect, useEffectEvent, useRef } from "react";

export interface CodeEditorProps {
  value: string;
  language: "sql" | "json" | "plain";
  label: string;
  description?: string;
  invalid?: boolean;
  placeholder?: string;
  parameters: readonly string[];
  onCommit: (value: string) => void;
}

const look = EditorView.theme({
  "&": { maxHeight: "var(--code-height)", color: "var(--ink)", backgroundColor: "transparent", fontSize: "12px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "18px", minHeight: "120px", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ink)", padding: "6px 4px" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "var(--accent-soft)" },
  ".cm-placeholder": { color: "var(--ink-3)" },
  ".cm-tooltip": { background: "var(--raised)", color: "var(--ink)", border: "1px solid var(--line)", borderRadius: "5px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { background: "var(--accent-soft)", color: "var(--ink)" },
});

const inks = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent-text)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--run-text)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--amber-text)" },
  { tag: tags.comment, color: "var(--ink-2)", fontStyle: "italic" },
  { tag: tags.propertyName, color: "var(--accent-text)" },
]);

const languages: Record<CodeEditorProps["language"], () => Extension> = { sql: () => sql({ upperCaseKeywords: true }), json: () => json(), plain: () => [] };

const parametersOf = (names: readonly string[]) => (c: CompletionContext) => {
  const open = c.matchBefore(/#\{[\w.-]*/);
  return open === null ? null : { from: open.from + 2, options: names.map((label) => ({ label, apply: `${label}}` })), validFor: /^[\w.-]*$/ };
};

/** CodeEditor edits a text with its language's colours; it is handed over on leaving or on Ctrl-Enter. */
export default function CodeEditor(props: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const given = useRef(props.value);
  const commit = useEffectEvent(() => {
    const text = view.current?.state.doc.toString();
    if (text === undefined || text === given.current) return;
    given.current = text;
    props.onCommit(text);
  });
  const open = useEffectEvent((root: ShadowRoot, parent: HTMLElement) => {
    const told: Record<string, string> = { "aria-label": props.label, "aria-multiline": "true", tabindex: "0" };
    if (props.description !== undefined) told["aria-description"] = props.description;
    if (props.invalid === true) told["aria-invalid"] = "true";
    return new EditorView({
      root, parent,
      state: EditorState.create({
        doc: props.value,
        extensions: [
          keymap.of([{ key: "Mod-Enter", run: () => (commit(), true) }]), minimalSetup, languages[props.language](), look, syntaxHighlighting(inks), EditorView.lineWrapping,
          EditorView.contentAttributes.of(told), placeholderOf(props.placeholder ?? ""), autocompletion({ override: props.language === "plain" ? [parametersOf(props.parameters)] : undefined }),
          EditorState.languageData.of(() => [{ autocomplete: parametersOf(props.parameters) }]), EditorView.domEventHandlers({ blur: () => commit() }),
        ],
      }),
    });
  });
  useEffect(() => {
    const el = host.current;
    if (el === null) return;
    const root = el.shadowRoot ?? el.attachShadow({ mode: "open", delegatesFocus: true });
    const parent = document.createElement("div");
    root.replaceChildren(parent);
    const editor = open(root, parent);
    view.current = editor;
    return () => {
      commit();
      editor.destroy();
      view.current = null;
    };
  }, []);
  useEffect(() => {
    const editor = view.current;
    if (editor === null || props.value === given.current) return;
    // It changed elsewhere: undone, or by somebody else. What is typed stays.
    const dirty = editor.state.doc.toString() !== given.current;
    given.current = props.value;
    if (!dirty) editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: props.value } });
  }, [props.value]);
  return <div ref={host} />;
}
