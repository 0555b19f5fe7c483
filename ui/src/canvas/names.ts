// What screen readers are told: words for all that the eye gets by shape and colour.
import type { NodeRow } from "../api/wire";
import type { Card } from "../editor/model/scene";
import { type Key, t } from "../words";

/** stateWord names a state of a live row, or of a node that none is known of. */
export const stateWord = (state: number | undefined): string => t(`canvas.state${state ?? 0}` as Key);

/** cardName says what a card is, how it does, and how full what waits for it is. */
export function cardName(card: Card, state: number | undefined, full = -1, inside = 0): string {
  if (card.type === "label") return t("canvas.labelName", { text: card.name });
  const parts = [card.type === "group" ? t("canvas.groupName", { name: card.name, n: inside }) : t("canvas.nodeName", { name: card.name, kind: card.kind, state: stateWord(state) })];
  if (card.outputs.length > 1) parts.push(t("canvas.outputs", { n: card.outputs.length }));
  if (full >= 0) parts.push(t("canvas.queueFull", { n: full }));
  return parts.join(", ");
}

/** shownState is the state that a card shows: a fault of the draft wins over standing still. */
export function shownState(row: NodeRow | undefined, faults: number): number {
  const state = row?.[1] ?? 0;
  return faults > 0 && (state === 0 || state === 10) ? 2 : state;
}
