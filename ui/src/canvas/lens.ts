import { create } from "zustand";

/** Lens is the pressure lens: only wires by fullness and what holds them up stay. */
export interface Lens {
  on: boolean;
  /** chain holds the cards and wires that lead to what holds all up. */
  chain: ReadonlySet<string>;
  toggle: () => void;
}

const none: ReadonlySet<string> = new Set();

/** useLens holds whether the pressure lens is on. */
export const useLens = create<Lens>()((set) => ({ on: false, chain: none, toggle: () => set((s) => ({ on: !s.on, chain: none })) }));
