import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { call, Failure, path } from "../api/client";
import { useKinds } from "../api/kinds";
import type { Draft } from "../api/wire";
import { useText } from "../api/words";
import { EditorContext } from "../editor/context";
import { type Editor, openEditor, type Saver } from "../editor/store";
import { type Key, t } from "../words";
import { useAsks } from "./asking";
import { Boundary } from "./Boundary";
import { clientId } from "./clientId";
import { Commanded } from "./Commanded";
import { FlowBoard } from "./FlowBoard";
import { Missing } from "./Missing";
import { TopBar } from "./TopBar";
import { useFlowLive } from "./useFlowLive";
import styles from "./FlowPage.module.css";

const Parameters = lazy(() => import("../pages/Parameters").then((m) => ({ default: m.Parameters })));
const Services = lazy(() => import("../pages/Services").then((m) => ({ default: m.Services })));
const FlowSettings = lazy(() => import("../pages/FlowSettings").then((m) => ({ default: m.FlowSettings })));
const Versions = lazy(() => import("../pages/Versions").then((m) => ({ default: m.Versions })));

const pageNames: Record<string, Key> = { parameters: "app.pageParameters", services: "app.pageServices", settings: "app.pageSettings", versions: "app.pageVersions" };

const save: Saver = (flow, body) => call("POST", path(["flows", flow, "edit"]), body);

/** again is after how long, in ms, a draft that could not be read is asked for anew. */
const again = 2_000;

/** useOpened opens an editor once the draft is there, and closes it with the page. */
function useOpened(flow: string): { editor: Editor | undefined; failure: Failure | undefined } {
  const client = useQueryClient();
  const [state, setState] = useState<{ editor?: Editor; failure?: Failure }>({});
  useEffect(() => {
    const abort = new AbortController();
    let editor: Editor | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = () => call<Draft>("GET", path(["flows", flow, "draft"]), undefined, abort.signal).then(
      (draft) => {
        editor = openEditor(draft, save, clientId(), { load: () => call<Draft>("GET", path(["flows", flow, "draft"])) });
        setState({ editor });
      },
      (e: unknown) => {
        if (!(e instanceof Failure)) return;
        setState({ failure: e });
        // A server that is away, or does not know who asks, may answer yet.
        if (e.status === 0 || e.status === 401 || e.status >= 500) timer = setTimeout(() => void load(), again);
      },
    );
    void load();
    return () => {
      abort.abort();
      clearTimeout(timer);
      editor?.close();
      void client.invalidateQueries({ queryKey: ["flows"] });
    };
  }, [flow, client]);
  return { editor: state.editor, failure: state.failure };
}

/** FlowPage is a flow that is open: its bar, and the canvas or another of its pages. */
export function FlowPage({ flow, page }: { flow: string; page: string | undefined }) {
  const kinds = useKinds();
  const text = useText();
  const { editor, failure } = useOpened(flow);
  useEffect(() => {
    document.title = `${flow} · ${t("app.name")}`;
  }, [flow]);
  // Each flow has its own page: a question of one is none of the next.
  useEffect(() => () => useAsks.getState().close(), []);
  useFlowLive(flow, editor);
  if (failure !== undefined) {
    return <Missing framed what={failure.status === 404 ? t("app.flowNone", { flow }) : text(failure)} />;
  }
  if (editor === undefined || kinds === undefined) return <main className={styles.missing} aria-busy="true">{t("app.loading")}</main>;
  return (
    <EditorContext value={editor}>
      <Commanded flow={flow} kinds={kinds}>
      <div className={styles.page}>
        <TopBar flow={flow} page={page ?? ""} kinds={kinds} />
        {page === undefined ? (
          <FlowBoard flow={flow} kinds={kinds} />
        ) : (
          <main className={styles.other}>
            <Boundary what={t(pageNames[page] ?? "app.pages")} of={page}>
              <Suspense fallback={null}>
                {pageNames[page] === undefined && <Missing what={t("app.pageNone", { path: location.pathname })} />}
                {page === "parameters" && <Parameters />}
                {page === "services" && <Services kinds={kinds} />}
                {page === "settings" && <FlowSettings />}
                {page === "versions" && <Versions flow={flow} />}
              </Suspense>
            </Boundary>
          </main>
        )}
      </div>
      </Commanded>
    </EditorContext>
  );
}
