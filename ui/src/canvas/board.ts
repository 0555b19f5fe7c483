// What is going on at the canvas: hovering, wiring, asking. It is gone with the
// canvas; what lasts is in the editor and the URL.
import { create } from "zustand";
import type { Point } from "./geometry";

/** Asking is an open quick-add: where, and what the new node is wired to. */
export interface Asking {
  /** at is in pixels of the canvas, spot on the flow. */
  at: Point;
  spot: Point;
  from?: { card: string; port: string };
  to?: { card: string; port: string };
  wire?: string;
}

/** Picking is an open question which outputs and which input a wire takes. */
export interface Picking {
  at: Point;
  from: string;
  to: string;
  outputs: { name: string; label: string }[];
  inputs: { name: string; label: string }[];
  chosen: string[];
  input: string;
  /** move is the wire's end that is moved, if one is; the card that stays is not asked. */
  move?: { wire: string; end: "from" | "to" };
}

/** Wiring is a wire in the making by keys. */
export interface Wiring {
  from: string;
  typed: string;
  target: string;
}

/** Menu is an open context menu; target is a card's or wire's id, "" for the canvas. */
export interface Menu {
  at: Point;
  spot: Point;
  target: string;
}

export interface Board {
  /** active is the card that the keys move from. */
  active: string;
  /** keys tells that the active card was reached by keys, and is ringed. */
  keys: boolean;
  /** opened is the card that the inspector shows, "" for none. */
  opened: string;
  /** passing is the card that Tab went to, which the inspector does not follow: it may be on its way elsewhere. */
  passing: string;
  hover: string;
  hoverWire: string;
  /** aim is the wire that takes what is dragged if it is dropped now, "" for none. */
  aim: string;
  asking?: Asking;
  picking?: Picking;
  wiring?: Wiring;
  menu?: Menu;
  /** writing is the card that is being written on, "" for none. */
  writing: string;
  /** writes is what of it is written: its name or text, or its slug. */
  writes: "name" | "slug";
  /** told is what the live region says. */
  told: string;
  /** selecting makes a drag on the canvas select. */
  selecting: boolean;
  set(change: Partial<Board>): void;
}

const fresh = { active: "", keys: false, passing: "", opened: "", hover: "", hoverWire: "", aim: "", asking: undefined, picking: undefined, wiring: undefined, menu: undefined, writing: "", writes: "name" as const, told: "" };

/** useBoard holds what is going on at the canvas. */
export const useBoard = create<Board>()((set) => ({ ...fresh, selecting: false, set: (change) => set(change) }));

/** clearBoard forgets it all, when another group or flow is shown. */
export const clearBoard = (): void => useBoard.setState(fresh);
