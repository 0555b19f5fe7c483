import type { NodeProps } from "@xyflow/react";
import { memo } from "react";
import { useText } from "../api/words";
import { KindGlyph } from "../ds/KindGlyph";
import { useDraft } from "../editor/context";
import { micros, short } from "../lib/numbers";
import { useNodeRow, useSpark } from "../live/hooks";
import { t, useLang } from "../words";
import { useBoard } from "./board";
import type { CardNode } from "./faces";
import { faultsOf } from "./faults";
import { useFrame } from "./frame";
import { spark } from "./geometry";
import { useLens } from "./lens";
import { cardName, shownState, stateWord } from "./names";
import styles from "./NodeCard.module.css";
import { Ports } from "./Ports";
import { toneOf } from "./sketch";
import { useBlocker } from "./useBlocker";

const marks: Record<number, string> = { 0: "M3 3h8v8H3z", 1: "M4 2.500v9l7.5-4.500z", 3: "M7 1.500a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zm-3.9 1.6 7.8 7.8", 4: "M4 2.500v9l7.5-4.500z", 5: "M3 3h8v8H3z",
  6: "M7 3a4 4 0 1 1 0 8 4 4 0 0 1 0-8z", 10: "M7 2a5 5 0 1 1 0 10A5 5 0 0 1 7 2zm0 2v3.200l2 1.3", 11: "M7 3a4 4 0 1 1 0 8 4 4 0 0 1 0-8z", 12: "M4 2.500v9l7.5-4.500z", 13: "M2.5 7.5 5.8 11l5.7-7.5",
  14: "M3 3l8 8M11 3l-8 8", 15: "M3 3l4 4-4 4M7.5 3l4 4-4 4", 16: "M3.5 10.500l7-7M7 1.500a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z", 17: "M11 7a4 4 0 1 1-1.2-2.8M10 1.500v3H7" };
const filled = new Set([0, 1, 4, 5, 6, 12]);

/** StateMark draws a state's glyph. */
export function StateMark({ state }: { state: number }) {
  return (
    <svg width={14} height={14} viewBox="0 0 14 14" aria-hidden="true" fill={filled.has(state) ? "currentColor" : "none"} stroke={filled.has(state) ? "none" : "currentColor"} strokeWidth={1.6} strokeLinecap="round" strokeLinejoin="round">
      <path d={marks[state] ?? marks[0]} />
    </svg>
  );
}

/** classOf names the classes of a card: its state, and what is done with it. */
function classOf(state: number, selected: boolean, dragging: boolean, focus: boolean, target: boolean): string {
  const c = [styles.card, styles[toneOf(state)]];
  if (selected) c.push(styles.chosen);
  if (dragging) c.push(styles.lifted);
  if (focus) c.push(styles.focus);
  if (target) c.push(styles.target);
  if (state === 3) c.push(styles.off);
  if (state === 4 || state === 5) c.push(styles.pulse);
  if (state === 12) c.push(styles.striped);
  if (state === 15 || state === 16) c.push(styles.hollow);
  return c.join(" ");
}

/** useRing tells whether the keys stand on a card, are about to wire to it, or the inspector shows it. */
export function useRing(id: string): { focus: boolean; target: boolean; opened: boolean } {
  return { focus: useBoard((b) => b.keys && b.active === id), target: useBoard((b) => b.wiring?.target === id), opened: useBoard((b) => b.opened === id) };
}

/** openMark marks a card that the inspector shows while others are selected. */
export const openMark = (ring: { opened: boolean }, selected: boolean): "" | undefined => (ring.opened && !selected ? "" : undefined);

/** NodeCard is a processor on the canvas: what it is, how it does, what passes. */
export const NodeCard = memo(function NodeCard({ id, data, selected, dragging }: NodeProps<CardNode>) {
  useLang();
  const { card, wired } = data;
  const { flow } = useFrame();
  const row = useNodeRow(flow, id);
  const faults = useDraft((s) => faultsOf(s.problems, id));
  const ring = useRing(id);
  const chained = useLens((l) => l.on && l.chain.has(id));
  const state = shownState(row, faults?.errors ?? 0);
  return (
    <div className={`${classOf(state, selected, dragging, ring.focus, ring.target)} ${chained ? "chained" : ""}`} id={`card-${id}`} role="group" aria-label={cardName(card, state)} data-card={id} data-open={openMark(ring, selected)} data-state={state}>
      <div className={styles.face}>
        <span className={styles.tile}><KindGlyph kind={card.kind} /></span>
        <span className={styles.name} title={card.name}>{card.name}</span>
        <span className={styles.kind}>{card.kind}</span>
        <Counters row={row} />
        <Sparkline flow={flow} id={id} />
        <Mark state={state} id={id} bulletins={row?.[8] ?? 0} />
      </div>
      {row !== undefined && row[9] >= 0 && <Blocked index={row[9]} />}
      <Ports card={card} wired={wired} plus />
    </div>
  );
});

// In a run a node takes few FlowFiles of many rows: there rows are what counts.
function Counters({ row }: { row: readonly number[] | undefined }) {
  const rows = (row?.[1] ?? 0) >= 10 && (row?.[4] ?? 0) + (row?.[5] ?? 0) > 0;
  const p95 = row?.[6] ?? 0;
  return (
    <span className={`${styles.counters} number`}>
      <span>{t("canvas.in")} <b>{row === undefined ? "–" : short(Math.max(0, row[rows ? 4 : 2] ?? 0))}</b></span>
      <span>{t("canvas.out")} <b>{row === undefined ? "–" : short(Math.max(0, row[rows ? 5 : 3] ?? 0))}</b></span>
      {rows && p95 === 0 ? <span>{t("canvas.rows")}</span> : <span>{t("canvas.p95")} <b>{p95 === 0 ? "–" : micros(p95)}</b></span>}
    </span>
  );
}

function Sparkline({ flow, id }: { flow: string; id: string }) {
  const values = useSpark(flow, id);
  return (
    <svg className={`${styles.spark} ${values.some((v) => v > 0) ? "" : styles.flat} number`} viewBox="0 0 184 14" aria-hidden="true">
      <path d={spark(values, 184, 14)} />
    </svg>
  );
}

function Mark({ state, id, bulletins }: { state: number; id: string; bulletins: number }) {
  const text = useText();
  const faults = useDraft((s) => faultsOf(s.problems, id));
  const why = faults === undefined ? stateWord(state) : t("canvas.problems", { n: faults.count, first: text(faults.first) });
  return (
    <>
      <span className={`${styles.mark} ${faults !== undefined ? styles.amber : ""}`} title={why} data-leads={faults === undefined ? undefined : "problem"}>
        {faults === undefined ? <StateMark state={state} /> : <span>!{faults.count > 1 ? faults.count : ""}</span>}
      </span>
      {bulletins > 0 && <span className={styles.bulletins} data-leads="bulletins" title={t("canvas.bulletins", { n: bulletins })}>{bulletins > 99 ? "99+" : bulletins}</span>}
    </>
  );
}

function Blocked({ index }: { index: number }) {
  const who = useBlocker(index);
  if (who === undefined) return null;
  const said = t("canvas.blocks", { who });
  return <span className={styles.blocked} title={said}>{said}</span>;
}
