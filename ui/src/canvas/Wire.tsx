import type { ConnectionLineComponentProps, EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { bytes, short } from "../lib/numbers";
import { useWireRow } from "../live/hooks";
import { useLang } from "../words";
import { handleSize, type WireEdge } from "./faces";
import { useFrame } from "./frame";
import { along, curve, type Point, stepOf, wide, widthOf } from "./geometry";
import { useLens } from "./lens";
import styles from "./Wire.module.css";

/** pillOf is what the pill of a wire says, "" for a wire on which nothing waits. */
export const pillOf = (count: number, size: number): string => (count === 0 && size === 0 ? "" : `${short(count)} · ${bytes(size)}`);

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
  return (
    <g className={`${styles.wire} ${styles[step]} ${selected === true ? styles.chosen : ""} wire-${step} ${chained ? "chained" : ""}`} data-wire={slug} data-step={step}>
      {data?.labelled === true && others(frame.scene().byId.get(data.wire.from), data.wire.outputs, data.wire.port, from).map((p) => (
        <path key={`${p.x} ${p.y}`} className={styles.line} strokeWidth={1.5} d={curve(p, to)} />
      ))}
      <path className={styles.line} strokeWidth={widthOf(percent)} d={path} />
      <path className={styles.hit} d={path} />
      <Pill at={along(from, to, 0.5)} text={pillOf(row?.[1] ?? 0, row?.[2] ?? 0)} percent={percent} />
    </g>
  );
});

// The other ports that a wire of several outputs leaves from.
function others(card: { outputs: { name: string; at: [number, number] }[] } | undefined, outputs: string[], port: string, from: Point): Point[] {
  const own = card?.outputs.find((p) => p.name === port);
  if (card === undefined || own === undefined) return [];
  return card.outputs.filter((p) => p.name !== port && outputs.includes(p.name)).map((p) => ({ x: from.x + p.at[0] - own.at[0], y: from.y + p.at[1] - own.at[1] }));
}

function Pill({ at, text, percent }: { at: Point; text: string; percent: number }) {
  if (text === "") return null;
  const w = Math.round(wide(text, 11)) + 18;
  return (
    <g className={`${styles.pill} pill`} transform={`translate(${Math.round(at.x - w / 2)},${Math.round(at.y - 10)})`}>
      <rect className={styles.back} width={w} height={20} rx={10} />
      <text className="number" x={w / 2} y={9.5}>{text}</text>
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
