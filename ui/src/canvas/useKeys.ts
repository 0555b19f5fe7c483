import { useCallback } from "react";
import { composing } from "../ds/TextInput";
import { keyName } from "../editor/commands/keymap";
import type { Scene } from "../editor/model/scene";
import type { Editor } from "../editor/store";
import { t } from "../words";
import { useBoard } from "./board";
import type { Deeds } from "./deeds";
import { useLens } from "./lens";
import { type Direction, first, follow, nearest, typed } from "./steer";

const arrows: Record<string, Direction> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

export interface KeyDeeds {
  scene: Scene;
  editor: Editor;
  deeds: Deeds;
  reveal(id: string): void;
  open(id: string): void;
  /** close closes the inspector and tells whether it was open. */
  close(): boolean;
  ask(): void;
  /** menuAt opens the menu of the active card. */
  menu(): void;
  where(id: string): { x: number; y: number };
}

/** useKeys moves over the canvas and wires by keys; it is one stop of Tab, which follows wires. */
export function useKeys(k: KeyDeeds) {
  return useCallback((e: React.KeyboardEvent) => {
    if (e.target !== e.currentTarget || composing(e)) return;
    const done = useBoard.getState().wiring !== undefined ? wireKey(k, e) : moveKey(k, e);
    if (done) {
      e.preventDefault();
      e.stopPropagation();
    }
  }, [k]);
}

function go(k: KeyDeeds, id: string | undefined, add: boolean, passing = false): boolean {
  if (id === undefined) return false;
  useBoard.getState().set({ active: id, keys: true, passing: passing ? id : "" });
  k.editor.select(add ? [...k.editor.store.getState().selection, id] : [id]);
  k.reveal(id);
  return true;
}

function moveKey(k: KeyDeeds, e: React.KeyboardEvent): boolean {
  const b = useBoard.getState();
  const active = k.scene.byId.has(b.active) ? b.active : "";
  const direction = arrows[e.key];
  if (e.ctrlKey || e.metaKey) return false;
  if (direction !== undefined && !e.altKey) return go(k, nearest(k.scene, active, direction)?.id ?? (active === "" ? undefined : active), e.shiftKey);
  if (e.altKey) return false;
  switch (keyName(e)) {
    case "Tab":
      // At the end of a wire Tab leaves the canvas, so that it is no trap.
      return go(k, active === "" ? (e.shiftKey ? undefined : first(k.scene)?.id) : follow(k.scene, active, e.shiftKey)?.id, false, true);
    case "Home":
      return go(k, first(k.scene)?.id, false);
    case "Enter":
      if (active === "") return false;
      k.open(active);
      return true;
    case "/":
      k.ask();
      return true;
    case "C":
      return startWiring(k, active);
    case "P":
      useLens.getState().toggle();
      return true;
    case "ContextMenu":
      k.menu();
      return true;
    case "F10":
      if (e.shiftKey) k.menu();
      return e.shiftKey;
    case "Escape":
      if (k.close()) return true;
      k.editor.select([]);
      b.set({ keys: false });
      return true;
    default:
      return false;
  }
}

/** startWiring begins a wire from a card, to be led on by keys. */
export function startWiring(k: KeyDeeds, active: string): boolean {
  const card = k.scene.byId.get(active);
  if (card === undefined) return false;
  if (card.outputs.length === 0) {
    useBoard.getState().set({ told: t("canvas.noOutputs", { name: card.name }) });
    return true;
  }
  useBoard.getState().set({ wiring: { from: active, typed: "", target: "" }, told: t("canvas.wiringFrom", { name: card.name }) });
  return true;
}

function wireKey(k: KeyDeeds, e: React.KeyboardEvent): boolean {
  const { wiring, set } = useBoard.getState();
  if (wiring === undefined) return false;
  const aim = (id: string | undefined, text: string) => {
    const card = id === undefined ? undefined : k.scene.byId.get(id);
    set({ wiring: { ...wiring, typed: text, target: card?.id ?? (text === "" ? wiring.target : "") }, told: card === undefined ? t("canvas.wiringNone") : t("canvas.wiringTo", { name: card.name }) });
    if (card !== undefined) k.reveal(card.id);
    return true;
  };
  const direction = arrows[e.key];
  if (direction !== undefined) return aim(nearest(k.scene, wiring.target === "" ? wiring.from : wiring.target, direction)?.id ?? (wiring.target === "" ? undefined : wiring.target), "");
  if (e.key === "Escape") {
    set({ wiring: undefined, told: "" });
    return true;
  }
  if (e.key === "Enter") {
    set({ wiring: undefined });
    if (wiring.target !== "") k.deeds.join(wiring.from, undefined, wiring.target, undefined, k.where(wiring.target));
    return true;
  }
  if (e.key === "Tab") return aim(follow(k.scene, wiring.target === "" ? wiring.from : wiring.target, e.shiftKey)?.id, "");
  const text = e.key === "Backspace" ? wiring.typed.slice(0, -1) : e.key.length === 1 && !e.ctrlKey && !e.metaKey ? wiring.typed + e.key : undefined;
  return text === undefined ? false : text === "" ? aim(undefined, "") : aim(typed(k.scene, text, wiring.from)?.id, text);
}
