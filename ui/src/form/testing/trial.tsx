// What tests of forms stand on: the editor over a server that keeps a draft, and
// the calls of a form answered as the server does. Only tests import it.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import type { KindInfo, KindMap } from "../../api/kinds";
import type { FlowDoc, Problem } from "../../api/wire";
import { EditorContext } from "../../editor/context";
import { apply } from "../../editor/ops";
import { type Editor, openEditor } from "../../editor/store";

const texts: Record<string, Record<string, string>> = {
  en: { setting_wrong_type: "{property} takes {wanted}, not {value}.", step: "Tokens", found: "Project {name}", no_way: "Permission is missing. Grant {role}." },
  ko: { setting_wrong_type: "{property} 속성에는 {value} 대신 {wanted}이(가) 필요합니다.", step: "토큰", found: "프로젝트 {name}", no_way: "권한이 없습니다. {role}을(를) 부여하세요." },
};

export interface Trial {
  editor: Editor;
  doc: () => FlowDoc;
  /** calls lists what was asked of the server, as "METHOD path body". */
  calls: string[];
  /** answers holds the server's answers by "METHOD path". */
  answers: Record<string, unknown>;
}

/** kindMap makes a map of kinds. */
export const kindMap = (...kinds: KindInfo[]): KindMap => new Map(kinds.map((k) => [k.kind, k]));

/** trial opens a draft in an editor and shows what a test wants of it. */
export function trial(doc: FlowDoc, what: ReactNode, judge: (doc: FlowDoc) => Problem[] = () => []): Trial {
  let kept = doc;
  let rev = 1;
  const save = async (_: string, body: { ops: Parameters<typeof apply>[1] }) => {
    kept = apply(kept, body.ops).doc;
    return { rev: ++rev, problems: judge(kept), version: 0, differs: true };
  };
  const editor = openEditor({ flow: doc.id, rev, doc, problems: judge(doc), version: 0, differs: true, authors: [] }, save, "me");
  const calls: string[] = [];
  const answers: Record<string, unknown> = { "GET /secrets": { secrets: ["gcp-key"] }, "GET /flows": { flows: [{ id: doc.id, mode: doc.mode, version: 0, status: {} }] } };
  globalThis.fetch = (async (url: string, init?: RequestInit) => {
    const path = String(url).replace(/^\/api\/v1/, "");
    const asked = `${init?.method ?? "GET"} ${path}`;
    calls.push(typeof init?.body === "string" ? `${asked} ${init.body}` : asked);
    const lang = /^\/words\?lang=(\w+)/.exec(path)?.[1];
    const answer = lang === undefined ? answers[asked] : { texts: texts[lang] };
    return new Response(JSON.stringify(answer ?? { code: "not_found" }), { status: answer === undefined ? 404 : 200 });
  }) as typeof fetch;
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <EditorContext value={editor}>{what}</EditorContext>
    </QueryClientProvider>,
  );
  return { editor, doc: () => editor.store.getState().doc, calls, answers };
}
