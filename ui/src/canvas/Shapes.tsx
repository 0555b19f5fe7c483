import type { NodeProps } from "@xyflow/react";
import { memo, useMemo } from "react";
import { KindGlyph } from "../ds/KindGlyph";
import { useDraft } from "../editor/context";
import { refOf } from "../editor/model/ports";
import { short, bytes } from "../lib/numbers";
import { useNodeRow } from "../live/hooks";
import { t, useLang } from "../words";
import type { CardNode } from "./faces";
import { faultsOf } from "./faults";
import { useFrame } from "./frame";
import { cardName, shownState } from "./names";
import { useLens } from "./lens";
import card from "./NodeCard.module.css";
import { openMark, useRing } from "./NodeCard";
import { Ports } from "./Ports";
import styles from "./Shapes.module.css";
import { toneOf } from "./sketch";
import { type GroupTotals, useGroupTotals } from "./totals";

const rings = (r: { focus: boolean; target: boolean }, selected: boolean, dragging: boolean) =>
  `${selected ? card.chosen : ""} ${dragging ? card.lifted : ""} ${r.focus ? card.focus : ""} ${r.target ? card.target : ""}`;

/** GroupCard is a group on the canvas of the one that holds it: its ports and totals. */
export const GroupCard = memo(function GroupCard({ id, data, selected, dragging }: NodeProps<CardNode>) {
  useLang();
  const { flow } = useFrame();
  const ring = useRing(id);
  const totals = useGroupTotals(flow, refOf(id).slug);
  const chained = useLens((l) => l.on && l.chain.has(id));
  return (
    <div className={`${card.card} ${styles.group} ${card[worst(totals)]} ${rings(ring, selected, dragging)} ${chained ? "chained" : ""}`} id={`card-${id}`} role="group" aria-label={cardName(data.card, undefined, -1, totals.nodes)} data-card={id} data-open={openMark(ring, selected)}>
      <div className={card.face}>
        <span className={card.tile}><KindGlyph kind="Group" /></span>
        <span className={card.name} title={data.card.name}>{data.card.name}</span>
        <span className={`${card.kind} ${card.ko}`}>{t("canvas.group")} · {totals.nodes} {t("canvas.nodes")}</span>
        <span className={`${card.counters} number`}>
          <span>{t("canvas.in")} <b>{short(totals.in)}</b></span>
          <span>{t("canvas.out")} <b>{short(totals.out)}</b></span>
        </span>
        <span className={`${styles.queued} number`}>{t("canvas.queued")} <b>{short(totals.count)} · {bytes(totals.bytes)}</b></span>
        <span className={styles.states}>
          {totals.running > 0 && <i className={styles.run}>{totals.running}</i>}
          {totals.faults > 0 && <i className={styles.amber}>{totals.faults}</i>}
          {totals.failing > 0 && <i className={styles.red}>{totals.failing}</i>}
        </span>
      </div>
      <Ports card={data.card} wired={data.wired} plus />
    </div>
  );
});

const worst = (t: GroupTotals) => (t.failing > 0 ? "red" : t.faults > 0 ? "amber" : t.running > 0 ? "run" : "stop");

/** PortShape is an input or output port inside its group. */
export const PortShape = memo(function PortShape({ id, data, selected, dragging }: NodeProps<CardNode>) {
  useLang();
  const { flow } = useFrame();
  const ring = useRing(id);
  const row = useNodeRow(flow, id);
  const faults = useDraft((s) => faultsOf(s.problems, id));
  const chained = useLens((l) => l.on && l.chain.has(id));
  const state = shownState(row, faults?.errors ?? 0);
  const said = t(data.card.kind === "InputPort" ? "canvas.inputPort" : "canvas.outputPort", { name: data.card.name });
  return (
    <div className={`${card.card} ${styles.port} ${card[toneOf(state)]} ${rings(ring, selected, dragging)} ${chained ? "chained" : ""}`} id={`card-${id}`} role="group" aria-label={said} data-card={id} data-open={openMark(ring, selected)} title={said}>
      <KindGlyph kind={data.card.kind} size={16} />
      <span className={styles.name}>{data.card.name}</span>
      {faults !== undefined && <span className={styles.bad}>!</span>}
      <Ports card={data.card} wired={data.wired} plus />
    </div>
  );
});

/** FunnelShape brings several wires together. */
export const FunnelShape = memo(function FunnelShape({ id, data, selected, dragging }: NodeProps<CardNode>) {
  useLang();
  const ring = useRing(id);
  return (
    <div className={`${card.card} ${styles.funnel} ${rings(ring, selected, dragging)}`} id={`card-${id}`} role="group" aria-label={`${t("canvas.funnel")} ${data.card.name}`} data-card={id} data-open={openMark(ring, selected)} title={data.card.name}>
      <KindGlyph kind="Funnel" size={18} />
      <Ports card={data.card} wired={data.wired} plus />
    </div>
  );
});

/** LabelNote is a note on the canvas. */
export const LabelNote = memo(function LabelNote({ id, data, selected, dragging }: NodeProps<CardNode>) {
  const ring = useRing(id);
  const lines = useMemo(() => data.card.name.split("\n"), [data.card.name]);
  return (
    <div className={`${styles.note} ${rings(ring, selected, dragging)}`} id={`card-${id}`} role="group" aria-label={t("canvas.labelName", { text: data.card.name })} data-card={id} data-open={openMark(ring, selected)} data-color={data.card.color}>
      {lines.map((line, i) => <p key={`${i} ${line}`}>{line}</p>)}
    </div>
  );
});
