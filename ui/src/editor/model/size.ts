// Sizes of cards and places of ports: functions of the kind and of how many
// ports there are, never of what a card says.

/** Point is x to the right and y down. */
export type Point = [x: number, y: number];

/** grid is what positions snap to. */
export const grid = 8;

/** cardSize is a node's or group's card with up to three ports a side. */
export const cardSize: Point = [208, 92];
export const portSize: Point = [160, 40];
export const funnelSize: Point = [40, 40];
/** labelSize is a new label's. */
export const labelSize: Point = [240, 120];

const portStep = 20;

/** grown returns the card's size with so many ports on its fuller side. */
export const grown = (inputs: number, outputs: number): Point => [cardSize[0], cardSize[1] + portStep * Math.max(0, Math.max(inputs, outputs) - 3)];

/** portPlaces returns where a side's ports are, relative to the card's corner. */
export function portPlaces(size: Point, count: number, side: "left" | "right"): Point[] {
  const x = side === "left" ? 0 : size[0];
  return Array.from({ length: count }, (_, i) => [x, size[1] / 2 + portStep * (i - (count - 1) / 2)]);
}

/** snap moves a position onto the grid. */
export const snap = (p: Point): Point => [Math.round(p[0] / grid) * grid, Math.round(p[1] / grid) * grid];

/** Area is a rectangle. */
export interface Area {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** around returns the least rectangle round some cards, undefined round none. */
export function around(cards: Iterable<{ at: Point; size: Point }>): Area | undefined {
  let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
  for (const { at, size } of cards) {
    x0 = Math.min(x0, at[0]);
    y0 = Math.min(y0, at[1]);
    x1 = Math.max(x1, at[0] + size[0]);
    y1 = Math.max(y1, at[1] + size[1]);
  }
  return x0 === Infinity ? undefined : { x: x0, y: y0, w: x1 - x0, h: y1 - y0 };
}
