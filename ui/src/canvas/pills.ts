// Where the pill of a wire stands: on the wire, but clear of the names at its
// ends and of the two cards, which would cover it.
import type { Card, Port, Scene } from "../editor/model/scene";
import { inHandle, outHandle, wiredPorts } from "./faces";
import { along, type Box, meets, type Point, wide } from "./geometry";

/** pillHeight is the height of every pill. */
export const pillHeight = 20;

/** pillWidth is the width of a pill by what it says. */
export const pillWidth = (text: string): number => Math.round(wide(text, 11)) + 18;

/** Stand is where a pill's middle goes, and which of its texts fits there. */
export interface Stand {
  at: Point;
  text: string;
}

const places = [0.5, 0.58, 0.42, 0.66, 0.74];
const asides = [0, 14, -14, 26, -26, 36, -36];

/** standOf finds room for a pill: its longest text that fits on the wire, else beside it, else the longest in the middle. */
export function standOf(from: Point, to: Point, texts: readonly string[], taken: readonly Box[]): Stand {
  for (const beside of [asides.slice(0, 1), asides.slice(1)]) {
    for (const text of texts) {
      const w = pillWidth(text);
      for (const dy of beside) {
        for (const t of places) {
          const p = along(from, to, t);
          const at = { x: p.x, y: p.y + dy };
          const box = { x: at.x - w / 2 - 3, y: at.y - pillHeight / 2, w: w + 6, h: pillHeight };
          if (!taken.some((b) => meets(b, box))) return { at, text };
        }
      }
    }
  }
  return { at: along(from, to, 0.5), text: texts[0] ?? "" };
}

const wired = new WeakMap<Scene, ReadonlyMap<string, ReadonlySet<string>>>();

/** wiredOf returns the ports of each card that wires hang on, counted once a scene. */
export function wiredOf(scene: Scene): ReadonlyMap<string, ReadonlySet<string>> {
  let map = wired.get(scene);
  if (map === undefined) wired.set(scene, (map = wiredPorts(scene)));
  return map;
}

/** The room at a port that its name takes, the name drawn above the wire. */
function nameBox(port: Port, corner: Point, side: "in" | "out"): Box {
  const w = Math.min(120, wide(port.label, 12) + 6);
  const x = corner.x + port.at[0];
  return { x: side === "out" ? x : x - 9 - w, y: corner.y + port.at[1] - 16, w: w + 9, h: 15 };
}

/** takenBy returns the boxes of a card and of the names at its wired ports, one of the ports being at a place. */
export function takenBy(scene: Scene, card: Card | undefined, port: string, at: Point, side: "in" | "out"): Box[] {
  const list = card === undefined ? [] : side === "out" ? card.outputs : card.inputs;
  const own = list.find((p) => p.name === port);
  if (card === undefined || own === undefined) return [];
  const corner = { x: at.x - own.at[0], y: at.y - own.at[1] };
  const hung = wiredOf(scene).get(card.id);
  const names = list.length < 2 ? [] : list.filter((p) => hung?.has(side === "out" ? outHandle(p.name) : inHandle(p.name)) === true);
  return [{ ...corner, w: card.size[0], h: card.size[1] }, ...names.map((p) => nameBox(p, corner, side))];
}
