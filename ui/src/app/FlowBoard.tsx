import type { KindMap } from "../api/kinds";
import { Canvas } from "../canvas/Canvas";
import { useCommands } from "../editor/commands/context";
import { useDraft } from "../editor/context";
import { Inspector } from "../inspector/Inspector";
import { usePlace } from "../lib/place";
import { Outline } from "../outline/Outline";
import { Palette } from "../palette/Palette";
import { Drawer } from "./Drawer";
import { useAsks } from "./asking";
import styles from "./FlowBoard.module.css";

/** FlowBoard is the canvas with the palette, the inspector and the drawer round it. */
export function FlowBoard({ flow, kinds }: { flow: string; kinds: KindMap }) {
  const [place] = usePlace();
  const { open, close } = useAsks();
  const outline = useAsks((a) => a.ask?.what === "outline");
  const ctx = useCommands();
  // Several nodes are edited together, without being opened one by one.
  const several = useDraft((s) => [...s.selection].filter((id) => s.doc.nodes[id] !== undefined).length > 1);
  return (
    <div className={styles.board}>
      {outline && ctx !== undefined ? <Outline ctx={ctx} onClose={close} /> : <Palette kinds={kinds} />}
      <main className={styles.middle}>
        <div className={styles.canvas}>
          <Canvas kinds={kinds} commands={ctx} onImport={(text) => open({ what: "import", text })} />
        </div>
        {place.drawer !== "" && <Drawer flow={flow} />}
      </main>
      {(place.open !== "" || several) && <Inspector kinds={kinds} />}
    </div>
  );
}
