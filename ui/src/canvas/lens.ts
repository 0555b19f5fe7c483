import { create } from "zustand";

/** Lens is the pressure lens: only wires by fullness and what holds them up stay. */
export interface Lens {
  on: boolean;
  toggle: () => void;
}

/** useLens holds whether the pressure lens is on. */
export const useLens = create<Lens>()((set) => ({ on: false, toggle: () => set((s) => ({ on: !s.on })) }));
