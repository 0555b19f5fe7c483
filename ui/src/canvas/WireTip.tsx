import { ViewportPortal } from "@xyflow/react";
import { useDraft } from "../editor/context";
import { outputList, refOf } from "../editor/model/ports";
import { millis, short } from "../lib/numbers";
import { useWireRow } from "../live/hooks";
import { passedWords, queuedWords } from "../live/passed";
import { t } from "../words";
import type { WireRow } from "../api/wire";
import { useBoard } from "./board";
import { endsOf } from "./faces";
import { useFrame } from "./frame";
import { along, wide } from "./geometry";
import styles from "./Wire.module.css";
import { pillTexts } from "./pillTexts";

/** soon says when a queue is full or empty if it goes on as now; "" for neither. */
export function soon(row: WireRow): string {
  const [, count, , , percent, inRate, outRate] = row;
  const slope = inRate - outRate;
  if (Math.abs(slope) < 0.01 || count === 0) return t("canvas.steady");
  if (slope < 0) return t("canvas.etaEmpty", { time: millis((count / -slope) * 1000) });
  if (percent <= 0 || percent >= 100) return t("canvas.steady");
  const limit = (count * 100) / percent;
  return t("canvas.etaFull", { time: millis(((limit - count) / slope) * 1000) });
}

/** byCount tells whether a fullness is of the count of FlowFiles, rather than of bytes. */
export const byCount = (row: WireRow, limit: number): boolean => Math.abs((row[1] / limit) * 100 - row[4]) <= 1.5;

/** defaultLimit is how many FlowFiles a wire holds where the flow says nothing. */
const defaultLimit = 10_000;

/** WireTip tells of the wire under the mouse, and offers to put a node into it. */
export function WireTip({ id, onStay, onLeave }: { id: string; onStay: () => void; onLeave: () => void }) {
  const frame = useFrame();
  const { slug } = refOf(id);
  const row = useWireRow(frame.flow, slug);
  const c = useDraft((s) => s.doc.connections?.[slug]);
  const nodes = useDraft((s) => s.doc.nodes);
  const wiring = useBoard((b) => b.asking !== undefined || b.menu !== undefined);
  const wire = frame.scene().wires.find((w) => w.id === id);
  const ends = wire === undefined ? undefined : endsOf(frame.scene(), wire);
  if (ends === undefined || c === undefined || wiring) return null;
  const at = along(ends.from, ends.to, 0.5);
  const pill = pillTexts(row)[0] ?? "";
  // The middle is for the queue.
  const aside = (pill === "" ? 0 : wide(pill, 11) / 2) + 24;
  const name = (node: string) => nodes[node]?.name ?? node;
  return (
    <ViewportPortal>
      <div className={styles.tip} style={{ left: at.x, top: at.y }}>
        <b>{name(c.from)} · {outputList(c).join(", ")} → {name(c.to)}{c.input === undefined ? "" : ` · ${c.input}`}</b>
        {row !== undefined && (
          <>
            {row[8] > 0 && <span className={styles.passed}>{t("canvas.passed", { what: passedWords(row) })}</span>}
            {row[8] > 0 && <span>{t("canvas.waits", { what: queuedWords(row) })}</span>}
            <span>{t("canvas.wireHover", { percent: row[4], of: t(byCount(row, c.limit?.flowfiles ?? defaultLimit) ? "canvas.ofCount" : "canvas.ofBytes") })} · {soon(row)}</span>
            <span>{t("canvas.rates", { in: short(row[5]), out: short(row[6]) })}</span>
          </>
        )}
        <span>{t("canvas.openQueue")}</span>
      </div>
      <button type="button" tabIndex={-1} className={`${styles.splice} nodrag nopan`} style={{ left: at.x + aside, top: at.y }} aria-label={t("canvas.splice")} title={t("canvas.splice")}
        onMouseEnter={onStay} onMouseLeave={onLeave} onClick={() => frame.splice(id)}>
        +
      </button>
    </ViewportPortal>
  );
}
