import { useDraft } from "../editor/context";
import { refOf } from "../editor/model/ports";
import type { Scene } from "../editor/model/scene";
import { useNodeRow } from "../live/hooks";
import { connectLive } from "../live/socket";
import { useBoard } from "./board";
import styles from "./Canvas.module.css";
import { faultsOf } from "./faults";
import { membersOf } from "./totals";
import { cardName, shownState } from "./names";

/** Speech names the card that the keys stand on, and says what was done. */
export function Speech({ flow, scene }: { flow: string; scene: Scene }) {
  const active = useBoard((b) => b.active);
  const told = useBoard((b) => b.told);
  const wiring = useBoard((b) => b.wiring);
  const card = scene.byId.get(active);
  return (
    <>
      {card !== undefined && <div id="canvas-active" role="group" className="sr"><Name key={active} flow={flow} scene={scene} id={active} /></div>}
      <div className="sr" role="status" aria-live="polite">{told}</div>
      <div className={styles.said} aria-hidden="true">{wiring === undefined ? "" : `${told}${wiring.typed === "" ? "" : ` · ${wiring.typed}`}`}</div>
    </>
  );
}

function Name({ flow, scene, id }: { flow: string; scene: Scene; id: string }) {
  const row = useNodeRow(flow, id);
  const faults = useDraft((s) => faultsOf(s.problems, id)?.errors ?? 0);
  const doc = useDraft((s) => s.doc);
  const card = scene.byId.get(id);
  if (card === undefined) return null;
  const live = connectLive().of(flow);
  const full = Math.max(-1, ...scene.wires.filter((w) => w.to === id).map((w) => live.wires.get(w.slug)?.[4] ?? -1));
  const inside = card.type === "group" ? membersOf(doc, refOf(id).slug).nodes.length : 0;
  return <>{cardName(card, shownState(row, faults), full, inside)}</>;
}
