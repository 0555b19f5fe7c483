import { Handle, Position } from "@xyflow/react";
import type { Card, Port } from "../editor/model/scene";
import { t } from "../words";
import { inHandle, outHandle } from "./faces";
import { useFrame } from "./frame";
import styles from "./NodeCard.module.css";
import ports from "./Ports.module.css";

/** Ports draws a card's ports, named where there are several, and a plus at each output. */
export function Ports({ card, wired, plus }: { card: Card; wired: ReadonlySet<string>; plus: boolean }) {
  return (
    <>
      {card.inputs.map((p) => (
        <PortDot key={p.name} card={card} port={p} side="in" named={card.inputs.length > 1} wired={wired.has(inHandle(p.name))} plus={false} />
      ))}
      {card.outputs.map((p) => (
        <PortDot key={p.name} card={card} port={p} side="out" named={card.outputs.length > 1} wired={wired.has(outHandle(p.name))} plus={plus} />
      ))}
    </>
  );
}

function PortDot({ card, port, side, named, wired, plus }: { card: Card; port: Port; side: "in" | "out"; named: boolean; wired: boolean; plus: boolean }) {
  const frame = useFrame();
  const [x, y] = port.at;
  const out = side === "out";
  return (
    <>
      <Handle id={out ? outHandle(port.name) : inHandle(port.name)} type={out ? "source" : "target"} position={out ? Position.Right : Position.Left}
        className={`${styles.port} ${wired ? "" : ports.free}`} style={{ left: x, top: y, right: "auto", transform: "translate(-50%, -50%)" }} title={port.label} />
      {named && (
        <span className={`${ports.label} ${out ? ports.out : ports.in} ${wired ? "" : ports.quiet}`} style={out ? { left: x + 9, top: y } : { right: card.size[0] - x + 9, top: y }} aria-hidden="true">
          {port.label}
        </span>
      )}
      {plus && out && (
        <button type="button" tabIndex={-1} className={`${styles.plus} nodrag nopan`} style={{ top: y }} aria-label={t("canvas.addAfter", { output: port.label === "" ? card.name : port.label })}
          title={t("canvas.addAfter", { output: port.label === "" ? card.name : port.label })}
          onClick={(e) => {
            e.stopPropagation();
            frame.addAfter(card, port.name);
          }}>
          +
        </button>
      )}
    </>
  );
}
