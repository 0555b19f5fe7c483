// What commands can have done by the server and by the page.
import type { QueryClient } from "@tanstack/react-query";
import { call, Failure, path } from "../api/client";
import { type FlowStatus, scheduled } from "../api/flows";
import { canvasHands } from "../canvas/hands";
import type { Deeds } from "../editor/commands/command";
import type { Editor } from "../editor/store";
import { pickFile } from "../lib/pick";
import type { Place } from "../lib/place";
import { connectLive } from "../live/socket";
import { lang, speak } from "../words";
import { useAsks } from "./asking";

export interface Page {
  flow: string;
  editor: Editor;
  queries: QueryClient;
  go: (change: Partial<Place>) => void;
  navigate: (to: string) => void;
  theme: () => void;
  fail: (failure: Failure) => void;
}

/** exportFlow downloads the draft's file once all of it is with the server. */
export async function exportFlow(flow: string, editor: Editor): Promise<void> {
  await editor.idle();
  const a = document.createElement("a");
  a.href = `/api/v1${path(["flows", flow, "file"], { draft: true })}`;
  a.download = `${flow}.json`;
  a.click();
}

/** duplicateFlow makes a flow of the draft under another id and returns it. */
export async function duplicateFlow(flow: string): Promise<string> {
  const id = `${flow}-copy-${Date.now().toString(36)}`;
  await call("POST", path(["flows", flow, "duplicate"]), { id });
  return id;
}

/** deedsOf returns what commands can have done on a flow's page. */
export function deedsOf(p: Page): Deeds {
  const { open } = useAsks.getState();
  const act = async (what: () => Promise<unknown>) => {
    try {
      await what();
    } catch (e) {
      if (e instanceof Failure) p.fail(e);
      else throw e;
    }
    await p.queries.invalidateQueries({ queryKey: ["flows"] });
  };
  return {
    canvas: (verb) => canvasHands()?.canvas(verb),
    reveal: (id) => canvasHands()?.reveal(id),
    show: (what) => what === "outline" && open({ what }),
    nodes(verb, nodes) {
      if (verb === "verify") open({ what: "verify", nodes });
      else if (verb === "clear-state") void act(() => Promise.all(nodes.map((n) => call("POST", path(["flows", p.flow, "nodes", n, "clear-state"]), {}))));
      else void act(() => call("POST", path(["flows", p.flow, "nodes", verb]), { nodes }));
    },
    flow(verb) {
      switch (verb) {
        case "start":
        case "stop":
        case "enable":
        case "disable":
        case "pause":
        case "unpause":
          return void act(() => call("POST", path(["flows", p.flow, verb]), {}));
        case "publish":
        case "delete":
          return open({ what: verb });
        case "run":
          return p.go({ drawer: "runs", tab: "start" });
        case "export":
          return void exportFlow(p.flow, p.editor);
        case "import":
          return pickFile((text) => open({ what: "import", text }));
        case "duplicate":
          return void act(async () => p.navigate(path(["flows", await duplicateFlow(p.flow)])));
      }
    },
    importText: (text) => open({ what: "import", text }),
    navigate: p.navigate,
    theme: p.theme,
    language: () => speak(lang() === "ko" ? "en" : "ko"),
    schedule() {
      const f = p.queries.getQueryData<{ flows: FlowStatus[] }>(["flows"])?.flows.find((f) => f.id === p.flow);
      return f === undefined || !scheduled(f) ? undefined : { enabled: f.status.enabled === true, paused: f.status.paused === true };
    },
    stateOf: (node) => connectLive().of(p.flow).nodes.get(node)?.[1],
  };
}
