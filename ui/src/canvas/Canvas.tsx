import "@xyflow/react/dist/base.css";
import { ReactFlowProvider } from "@xyflow/react";
import { useLayoutEffect, useMemo, useRef, useState } from "react";
import type { KindMap } from "../api/kinds";
import type { Context } from "../editor/commands/command";
import { useDraft } from "../editor/context";
import { scene as sceneOf } from "../editor/model/scene";
import { usePlace } from "../lib/place";
import { useWatch } from "../live/hooks";
import { useLang } from "../words";
import styles from "./Canvas.module.css";
import { Stage } from "./Stage";

export interface CanvasProps {
  kinds: KindMap;
  /** commands is what the menus' commands work on; without it they offer little. */
  commands?: Context | undefined;
  /** onImport is given the text of a flow file that was dropped. */
  onImport?: (text: string) => void;
}

/** Canvas shows the open group of the flow that the editor holds. */
export function Canvas({ kinds, commands, onImport }: CanvasProps) {
  useLang();
  const [place] = usePlace();
  const flow = useDraft((s) => s.flow);
  const doc = useDraft((s) => s.doc);
  // A group that is gone, or never was, shows the whole flow.
  const group = doc.groups?.[place.group] === undefined ? "" : place.group;
  const scene = useMemo(() => sceneOf(doc, group, kinds), [doc, group, kinds]);
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<{ w: number; h: number }>();
  useWatch(flow, place.run);
  // The size is known before anything is drawn: it decides between cards and overview.
  useLayoutEffect(() => {
    const el = box.current;
    if (el === null) return;
    const read = () => setRoom((was) => (was !== undefined && was.w === el.clientWidth && was.h === el.clientHeight ? was : { w: el.clientWidth, h: el.clientHeight }));
    read();
    const watch = new ResizeObserver(read);
    watch.observe(el);
    return () => watch.disconnect();
  }, []);
  return (
    <div ref={box} className={styles.box}>
      {room !== undefined && room.w > 0 && (
        <ReactFlowProvider key={`${flow} ${group}`}>
          <Stage flow={flow} scene={scene} kinds={kinds} room={room} commands={commands} onImport={onImport} />
        </ReactFlowProvider>
      )}
    </div>
  );
}
