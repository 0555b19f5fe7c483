import { lazy, type MouseEvent, Suspense } from "react";
import type { KindMap } from "../api/kinds";
import { Canvas } from "../canvas/Canvas";
import { faultsOf } from "../canvas/faults";
import { useCommands } from "../editor/commands/context";
import { useDraft, useEditor } from "../editor/context";
import { Inspector } from "../inspector/Inspector";
import { tabOfPath } from "../inspector/tabs";
import { usePlace } from "../lib/place";
import { Outline } from "../outline/Outline";
import { Palette } from "../palette/Palette";
import { t } from "../words";
import { Boundary } from "./Boundary";
import { Drawer } from "./Drawer";
import { useAsks } from "./asking";
import styles from "./FlowBoard.module.css";

const NodeRuns = lazy(() => import("../runs/NodeRuns").then((m) => ({ default: m.NodeRuns })));
const runsOf = (node: string) => <Suspense fallback={null}><NodeRuns node={node} /></Suspense>;

/** FlowBoard is the canvas with the palette, the inspector and the drawer round it. */
export function FlowBoard({ flow, kinds }: { flow: string; kinds: KindMap }) {
  const [place, go] = usePlace();
  const editor = useEditor();
  const { open, close } = useAsks();
  const outline = useAsks((a) => a.ask?.what === "outline");
  const ctx = useCommands();
  // Several nodes are edited together, without being opened one by one.
  const several = useDraft((s) => [...s.selection].filter((id) => s.doc.nodes[id] !== undefined).length > 1);
  // A badge on a card leads to what it tells of.
  const lead = (e: MouseEvent) => {
    const badge = (e.target as Element).closest<HTMLElement>("[data-leads]");
    const id = badge?.closest<HTMLElement>("[data-card]")?.dataset["card"];
    if (id === undefined) return;
    const first = faultsOf(editor.store.getState().problems, id)?.first.path ?? "";
    if (badge?.dataset["leads"] === "bulletins") go({ open: id, drawer: "bulletins", item: id }, { replace: true });
    else go({ open: id, tab: tabOfPath(first) }, { replace: true });
  };
  return (
    <div className={styles.board}>
      <Boundary what={t(outline ? "tools.outline" : "canvas.palette")} of={String(outline)}>
        {outline && ctx !== undefined ? <Outline ctx={ctx} onClose={close} /> : <Palette kinds={kinds} />}
      </Boundary>
      <main className={styles.middle}>
        {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- keys have the drawers */}
        <div className={styles.canvas} onClick={lead}>
          <Boundary what={t("app.pageCanvas")} of={place.group}>
            <Canvas kinds={kinds} commands={ctx} onImport={(text) => open({ what: "import", text })} />
          </Boundary>
        </div>
        {place.drawer !== "" && <Drawer flow={flow} />}
      </main>
      {(place.open !== "" || several) && (
        <Boundary what={t("inspector.panel")} of={`${place.open} ${place.tab} ${several}`}>
          <Inspector kinds={kinds} runs={runsOf} />
        </Boundary>
      )}
    </div>
  );
}
