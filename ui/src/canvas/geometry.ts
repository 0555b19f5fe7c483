// The pure part of drawing: curves, fullness, sparklines, boxes.

export interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  w: number;
  h: number;
}

/** snap is the grid of positions. */
export const snap = 8;
/** overviewBelow is the zoom below which the overview is drawn instead of cards. */
export const overviewBelow = 0.35;
/** pillsBelow is the zoom below which wires show no pill. */
export const pillsBelow = 0.45;
export const minZoom = 0.04;
export const maxZoom = 2;

/** bow is how far the control points of a wire lie from its ends. */
export function bow(from: Point, to: Point): number {
  const dx = to.x - from.x;
  return dx >= 0 ? Math.max(24, dx / 2) : Math.min(240, Math.max(48, -dx / 2 + Math.abs(to.y - from.y) / 8));
}

/** curve is the path of a wire between two ports. */
export function curve(from: Point, to: Point): string {
  const b = bow(from, to);
  return `M${from.x},${from.y} C${from.x + b},${from.y} ${to.x - b},${to.y} ${to.x},${to.y}`;
}

/** along is the point of a wire at t of 0 to 1. */
export function along(from: Point, to: Point, t: number): Point {
  const b = bow(from, to);
  const u = 1 - t;
  const mix = (p0: number, p1: number, p2: number, p3: number) => u * u * u * p0 + 3 * u * u * t * p1 + 3 * u * t * t * p2 + t * t * t * p3;
  return { x: mix(from.x, from.x + b, to.x - b, to.x), y: mix(from.y, from.y, to.y, to.y) };
}

/** distance is how far a point lies from a wire, sampled. */
export function distance(p: Point, from: Point, to: Point): number {
  let best = Infinity;
  let a = from;
  for (let i = 1; i <= 16; i++) {
    const b = along(from, to, i / 16);
    const vx = b.x - a.x;
    const vy = b.y - a.y;
    const len = vx * vx + vy * vy;
    const t = len === 0 ? 0 : Math.max(0, Math.min(1, ((p.x - a.x) * vx + (p.y - a.y) * vy) / len));
    best = Math.min(best, Math.hypot(p.x - a.x - t * vx, p.y - a.y - t * vy));
    a = b;
  }
  return best;
}

/** Step is how a wire is coloured: by steps of fullness. */
export type Step = "calm" | "filling" | "high" | "full";

/** stepOf returns the step of a fullness in percent. */
export const stepOf = (percent: number): Step => (percent >= 100 ? "full" : percent >= 80 ? "high" : percent >= 50 ? "filling" : "calm");

/** widthOf returns the width of a wire of a fullness. */
export const widthOf = (percent: number): number => 1.5 + 2.5 * Math.max(0, Math.min(1, percent / 100));

/** spark is the path of a sparkline in a box of w by h; empty for less than two values. */
export function spark(values: readonly number[], w: number, h: number): string {
  if (values.length < 2) return "";
  const most = Math.max(...values);
  if (most <= 0) return `M0,${h - 1} L${w},${h - 1}`;
  const step = w / (values.length - 1);
  return values.map((v, i) => `${i === 0 ? "M" : "L"}${round(i * step)},${round(h - 1 - (v / most) * (h - 2))}`).join(" ");
}

const round = (n: number) => Math.round(n * 10) / 10;

/** wide estimates the width of a text; letters outside Latin are a square. */
export function wide(text: string, size: number): number {
  let n = 0;
  for (const c of text) {
    const code = c.codePointAt(0) ?? 0;
    n += code > 0x1100 ? 1 : /[iljt.,:·' ]/.test(c) ? 0.32 : /[mwMW@%]/.test(c) ? 0.88 : 0.6;
  }
  return n * size;
}

/** bounds is the smallest box round some boxes. */
export function bounds(boxes: Iterable<Box>): Box | undefined {
  let x0 = Infinity;
  let y0 = Infinity;
  let x1 = -Infinity;
  let y1 = -Infinity;
  for (const b of boxes) {
    x0 = Math.min(x0, b.x);
    y0 = Math.min(y0, b.y);
    x1 = Math.max(x1, b.x + b.w);
    y1 = Math.max(y1, b.y + b.h);
  }
  return x0 === Infinity ? undefined : { x: x0, y: y0, w: x1 - x0, h: y1 - y0 };
}

/** meets tells whether two boxes overlap. */
export const meets = (a: Box, b: Box): boolean => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** inside tells whether a point lies in a box. */
export const inside = (p: Point, b: Box): boolean => p.x >= b.x && p.x <= b.x + b.w && p.y >= b.y && p.y <= b.y + b.h;

export interface View extends Point {
  zoom: number;
}

/** fit is the view that shows a box in a frame, not larger than 1. */
export function fit(box: Box | undefined, frame: { w: number; h: number }, most = 1): View {
  if (box === undefined || frame.w <= 0 || frame.h <= 0) return { x: frame.w / 2, y: frame.h / 2, zoom: 1 };
  const margin = Math.min(64, frame.w / 8, frame.h / 8);
  const zoom = Math.max(minZoom, Math.min(most, (frame.w - 2 * margin) / Math.max(1, box.w), (frame.h - 2 * margin) / Math.max(1, box.h)));
  return { x: (frame.w - box.w * zoom) / 2 - box.x * zoom, y: (frame.h - box.h * zoom) / 2 - box.y * zoom, zoom };
}
