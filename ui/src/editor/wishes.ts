// What commands ask of the canvas, which alone knows where it looks.

/** CanvasWish is something that only the canvas can do. */
export type CanvasWish = "add" | "wire" | "fit" | "zoom-in" | "zoom-out" | "lens" | "rename";

const hearers = new Set<(wish: CanvasWish) => void>();

/** wish asks the canvas that is shown. */
export const wish = (what: CanvasWish): void => hearers.forEach((hear) => hear(what));

/** onWish hears what is asked of the canvas. */
export function onWish(hear: (wish: CanvasWish) => void): () => void {
  hearers.add(hear);
  return () => void hearers.delete(hear);
}
