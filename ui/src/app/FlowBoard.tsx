import { useState } from "react";
import type { KindMap } from "../api/kinds";
import { Canvas } from "../canvas/Canvas";
import { Inspector } from "../inspector/Inspector";
import { usePlace } from "../lib/place";
import { Palette } from "../palette/Palette";
import { Drawer } from "./Drawer";
import { ImportDialog } from "../flowfile/ImportDialog";
import styles from "./FlowBoard.module.css";

/** FlowBoard is the canvas with the palette, the inspector and the drawer round it. */
export function FlowBoard({ flow, kinds }: { flow: string; kinds: KindMap }) {
  const [place] = usePlace();
  const [importing, setImporting] = useState<string>();
  return (
    <div className={styles.board}>
      <Palette kinds={kinds} />
      <main className={styles.middle}>
        <div className={styles.canvas}>
          <Canvas kinds={kinds} onImport={setImporting} />
        </div>
        {place.drawer !== "" && <Drawer flow={flow} />}
      </main>
      {place.open !== "" && <Inspector kinds={kinds} />}
      {importing !== undefined && <ImportDialog text={importing} onDone={() => setImporting(undefined)} />}
    </div>
  );
}
