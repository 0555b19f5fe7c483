// Drawing a whole flow on a plain canvas: the overview, and the map in the
// corner. State and fullness are its only colours.
import { along, type Box, bow, meets, type Point, type Step, type View, wide } from "./geometry";

/** SketchItem is a thing on the canvas. */
export interface SketchItem extends Box {
  id: string;
  name: string;
  shape: "node" | "group" | "port" | "funnel" | "label";
  /** color is a note's. */
  color?: string | undefined;
}

/** SketchWire is a wire between two points. */
export interface SketchWire {
  id: string;
  from: Point;
  to: Point;
}

/** Ink holds the colours of the theme, as the canvas takes them. */
export type Ink = Record<"paper" | "card" | "line" | "line-strong" | "ink" | "ink-2" | "run" | "amber" | "red" | "blue" | "accent" | "stop" | "violet", string>;

/** readInk reads the colours of the theme in force. */
export function readInk(of: Element): Ink {
  const style = getComputedStyle(of);
  const names = ["paper", "card", "line", "line-strong", "ink", "ink-2", "run", "amber", "red", "blue", "accent", "stop", "violet"] as const;
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Ink;
}

/** toneOf names the ink of a state; states from 10 on are of a run. */
export function toneOf(state: number | undefined): "run" | "stop" | "amber" | "red" | "accent" | "line-strong" {
  switch (state) {
    case 1: case 4: case 13: return "run";
    case 2: case 17: return "amber";
    case 6: case 14: case 16: return "red";
    case 11: case 12: return "accent";
    case 3: case 10: case 15: return "line-strong";
    default: return "stop";
  }
}

/** tintOf names the ink of a note's colour. */
const tintOf = (color: string | undefined): keyof Ink => tints[color ?? ""] ?? "stop";
const tints: Record<string, keyof Ink> = { amber: "amber", green: "run", blue: "accent", violet: "violet", red: "red" };

/** Numbers is what the sketch asks of the live store. */
export interface Numbers {
  state(id: string): number | undefined;
  step(wire: string): Step;
}

export interface Scenery {
  items: readonly SketchItem[];
  wires: readonly SketchWire[];
  selection: ReadonlySet<string>;
  hover: string;
  lens: boolean;
}

const strokes: Record<Step, keyof Ink> = { calm: "line-strong", filling: "blue", high: "amber", full: "red" };
const fonts = '"Inter Variable", "Noto Sans KR", "Noto Sans CJK KR", system-ui, sans-serif';

/** drawOverview draws all that the view shows, in CSS pixels. */
export function drawOverview(c: CanvasRenderingContext2D, size: { w: number; h: number }, view: View, scene: Scenery, numbers: Numbers, ink: Ink): void {
  const z = view.zoom;
  const seen: Box = { x: -view.x / z, y: -view.y / z, w: size.w / z, h: size.h / z };
  c.clearRect(0, 0, size.w, size.h);
  drawWires(c, view, seen, scene, numbers, ink);
  c.font = `500 11px ${fonts}`;
  c.textBaseline = "middle";
  for (const item of scene.items) {
    if (meets(item, seen)) drawItem(c, view, item, scene, numbers, ink);
  }
  c.globalAlpha = 1;
}

function drawWires(c: CanvasRenderingContext2D, view: View, seen: Box, scene: Scenery, numbers: Numbers, ink: Ink): void {
  const z = view.zoom;
  const sx = (x: number) => x * z + view.x;
  const sy = (y: number) => y * z + view.y;
  const paths: Record<Step, Path2D> = { calm: new Path2D(), filling: new Path2D(), high: new Path2D(), full: new Path2D() };
  for (const w of scene.wires) {
    const b = bow(w.from, w.to);
    const x0 = Math.min(w.from.x, w.to.x - b);
    const y0 = Math.min(w.from.y, w.to.y);
    if (!meets({ x: x0, y: y0 - 1, w: Math.max(w.from.x + b, w.to.x) - x0, h: Math.abs(w.to.y - w.from.y) + 2 }, seen)) continue;
    const path = paths[numbers.step(w.id)];
    path.moveTo(sx(w.from.x), sy(w.from.y));
    path.bezierCurveTo(sx(w.from.x + b), sy(w.from.y), sx(w.to.x - b), sy(w.to.y), sx(w.to.x), sy(w.to.y));
  }
  for (const step of ["calm", "filling", "high", "full"] as const) {
    c.globalAlpha = step === "calm" && scene.lens ? 0.35 : 1;
    c.strokeStyle = ink[strokes[step]];
    c.lineWidth = (step === "calm" ? 0.8 : step === "full" ? 2 : 1.4) + (scene.lens && step !== "calm" ? 1 : 0);
    c.stroke(paths[step]);
  }
  c.globalAlpha = 1;
}

/** legible is the height in pixels from which a card has room for a name. */
const legible = 13;

function drawItem(c: CanvasRenderingContext2D, view: View, item: SketchItem, scene: Scenery, numbers: Numbers, ink: Ink): void {
  const z = view.zoom;
  const x = item.x * z + view.x;
  const y = item.y * z + view.y;
  const w = Math.max(2, item.w * z);
  const h = Math.max(2, item.h * z);
  const chosen = scene.selection.has(item.id);
  const state = numbers.state(item.id);
  c.globalAlpha = (scene.lens ? 0.35 : 1) * (state === 3 ? 0.6 : 1);
  if (item.shape === "label") {
    c.globalAlpha *= 0.22;
    c.fillStyle = ink[tintOf(item.color)];
    c.fillRect(x, y, w, h);
    c.globalAlpha = scene.lens ? 0.35 : 1;
  } else {
    if (item.shape === "group") {
      c.fillStyle = ink["line-strong"];
      c.fillRect(x + 2, y - 2, w - 4, h);
    }
    c.fillStyle = ink.card;
    c.fillRect(x, y, w, h);
    const tone = toneOf(state);
    c.fillStyle = ink[tone];
    if (h >= legible) c.fillRect(x, y, Math.max(1.5, 4 * z), h);
    else {
      // Too small for a spine: the whole card shows its state.
      const alpha = c.globalAlpha;
      c.globalAlpha = alpha * (tone === "stop" || tone === "line-strong" ? 0.4 : 0.8);
      c.fillRect(x, y, w, h);
      c.globalAlpha = alpha;
    }
  }
  if (h < legible && !chosen && item.id !== scene.hover) return;
  c.strokeStyle = chosen || item.id === scene.hover ? ink.accent : ink.line;
  c.lineWidth = chosen ? 2 : 1;
  c.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
  if (h < legible || w < 30) return;
  c.fillStyle = ink.ink;
  c.fillText(cut(item.name, w - 12), x + 7, y + h / 2 + 0.5);
}

const cuts = new Map<string, string>();

/** cut shortens a text to a width at the size that the overview writes. */
export function cut(text: string, width: number): string {
  const key = `${Math.round(width / 4)} ${text}`;
  let short = cuts.get(key);
  if (short === undefined) {
    short = text;
    if (wide(text, 11) > width) {
      const letters = [...text];
      while (letters.length > 1 && wide(`${letters.join("")}…`, 11) > width) letters.pop();
      short = `${letters.join("").trimEnd()}…`;
    }
    if (cuts.size > 20_000) cuts.clear();
    cuts.set(key, short);
  }
  return short;
}

/** drawMap draws the map in the corner: things by state, no wires, and the frame of what is seen. */
export function drawMap(c: CanvasRenderingContext2D, size: { w: number; h: number }, view: View, items: readonly SketchItem[], seen: Box, numbers: Numbers, ink: Ink): void {
  const z = view.zoom;
  c.clearRect(0, 0, size.w, size.h);
  for (const item of items) {
    const x = item.x * z + view.x;
    const y = item.y * z + view.y;
    const tone = toneOf(numbers.state(item.id));
    const plain = tone === "stop" || tone === "line-strong" || tone === "run";
    c.globalAlpha = item.shape === "label" ? 0.25 : plain ? 0.45 : 1;
    c.fillStyle = ink[item.shape === "label" ? tintOf(item.color) : tone];
    c.fillRect(x, y, Math.max(1.2, item.w * z), Math.max(1.2, item.h * z));
  }
  c.globalAlpha = 1;
  c.strokeStyle = ink.accent;
  c.lineWidth = 1.5;
  c.strokeRect(seen.x * z + view.x, seen.y * z + view.y, seen.w * z, seen.h * z);
}

/** middle is where a wire's pill and plus stand. */
export const middle = (w: { from: Point; to: Point }): Point => along(w.from, w.to, 0.5);
