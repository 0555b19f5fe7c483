import type { ConnectionLineComponentProps, EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { useWireRow } from "../live/hooks";
import type { Scene, Wire as WireData } from "../editor/model/scene";
import { useLang } from "../words";
import { useBoard } from "./board";
import { handleSize, type WireEdge } from "./faces";
import { useFrame } from "./frame";
import { curve, type Point, stepOf, widthOf } from "./geometry";
import { useLens } from "./lens";
import { pillParts, pillTexts } from "./pillTexts";
import { pillHeight, pillWidth, standOf, takenBy } from "./pills";
import styles from "./Wire.module.css";

/** Wire is a connection: its width and colour tell how full it is. */
export const Wire = memo(function Wire({ id, data, sourceX, sourceY, targetX, targetY, selected }: EdgeProps<WireEdge>) {
  useLang();
  const frame = useFrame();
  const slug = data?.wire.slug ?? "";
  const row = useWireRow(frame.flow, slug);
  const chained = useLens((l) => l.on && l.chain.has(id));
  const from = { x: sourceX - handleSize / 2, y: sourceY };
  const to = { x: targetX + handleSize / 2, y: targetY };
  const percent = row?.[4] ?? 0;
  const step = stepOf(percent);
  const path = curve(from, to);
  const aimed = useBoard((b) => b.aim === id);
  const ringed = selected === true || aimed;
  return (
    <g className={`${styles.wire} ${styles[step]} ${ringed ? styles.chosen : ""} wire-${step} ${chained ? "chained" : ""}`} data-wire={slug} data-step={step} data-chosen={selected === true} data-aim={aimed}>
      {ringed && <path className={styles.halo} strokeWidth={widthOf(percent) + 8} d={path} />}
      {data?.labelled === true && others(frame.scene().byId.get(data.wire.from), data.wire.outputs, data.wire.port, from).map((p) => (
        <path key={`${p.x} ${p.y}`} className={styles.line} strokeWidth={1.5} d={curve(p, to)} />
      ))}
      <path className={styles.line} strokeWidth={widthOf(percent)} d={path} />
      <path className={styles.hit} d={path} />
      <Pill texts={pillTexts(row)} inRun={(row?.[8] ?? 0) > 0} percent={percent} ringed={ringed} from={from} to={to} scene={frame.scene()} wire={data?.wire} />
    </g>
  );
});

// The other ports that a wire of several outputs leaves from.
function others(card: { outputs: { name: string; at: [number, number] }[] } | undefined, outputs: string[], port: string, from: Point): Point[] {
  const own = card?.outputs.find((p) => p.name === port);
  if (card === undefined || own === undefined) return [];
  return card.outputs.filter((p) => p.name !== port && outputs.includes(p.name)).map((p) => ({ x: from.x + p.at[0] - own.at[0], y: from.y + p.at[1] - own.at[1] }));
}

function Pill({ texts, inRun, percent, ringed, from, to, scene, wire }: { texts: string[]; inRun: boolean; percent: number; ringed: boolean; from: Point; to: Point; scene: Scene; wire: WireData | undefined }) {
  if (texts.length === 0 || wire === undefined) return null;
  const taken = [...takenBy(scene, scene.byId.get(wire.from), wire.port, from, "out"), ...takenBy(scene, scene.byId.get(wire.to), wire.input, to, "in")];
  const { at, text } = standOf(from, to, texts, taken);
  const w = pillWidth(text);
  const { passed, queued } = pillParts(text, inRun);
  return (
    <g className={`${styles.pill} pill`} transform={`translate(${Math.round(at.x - w / 2)},${Math.round(at.y - pillHeight / 2)})`}>
      {ringed && <rect className={styles.ring} x={-3.5} y={-3.5} width={w + 7} height={pillHeight + 7} rx={13.5} />}
      <rect className={styles.back} width={w} height={pillHeight} rx={10} />
      <text className="number" x={w / 2} y={9.5}>{passed !== "" && <tspan className={styles.passed}>{passed}</tspan>}{queued}</text>
      <rect className={styles.gauge} x={10} y={16} width={Math.max(0, Math.min(1, percent / 100)) * (w - 20)} height={2} rx={1} />
    </g>
  );
}

/** NewWire is the wire that is being drawn. */
export function NewWire({ fromX, fromY, toX, toY, fromHandle }: ConnectionLineComponentProps) {
  const a = { x: fromX, y: fromY };
  const b = { x: toX, y: toY };
  return <path className={styles.new} d={fromHandle.type === "target" ? curve(b, a) : curve(a, b)} />;
}
