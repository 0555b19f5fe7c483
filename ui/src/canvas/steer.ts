// Moving over the canvas by keys: the nearest card in a direction, the next along
// a wire, the one that is typed.
import type { Card, Scene } from "../editor/model/scene";

export type Direction = "left" | "right" | "up" | "down";

const middleOf = (c: Card) => ({ x: c.at[0] + c.size[0] / 2, y: c.at[1] + c.size[1] / 2 });

/** nearest returns the card next to one in a direction; what lies off to the side counts as further. */
export function nearest(scene: Scene, from: string, direction: Direction): Card | undefined {
  const start = scene.byId.get(from);
  if (start === undefined) return first(scene);
  const s = middleOf(start);
  let best: Card | undefined;
  let least = Infinity;
  for (const card of scene.cards) {
    if (card.id === from) continue;
    const m = middleOf(card);
    const dx = m.x - s.x;
    const dy = m.y - s.y;
    const [ahead, aside] = direction === "left" ? [-dx, dy] : direction === "right" ? [dx, dy] : direction === "up" ? [-dy, dx] : [dy, dx];
    if (ahead <= 0 || Math.abs(aside) > 3 * ahead) continue;
    const far = ahead + 2 * Math.abs(aside);
    if (far < least) {
      least = far;
      best = card;
    }
  }
  return best;
}

/** first returns the card to begin with: the leftmost, the highest of them. */
export function first(scene: Scene): Card | undefined {
  let best: Card | undefined;
  for (const c of scene.cards) {
    if (c.type !== "label" && (best === undefined || c.at[0] < best.at[0] || (c.at[0] === best.at[0] && c.at[1] < best.at[1]))) best = c;
  }
  return best ?? scene.cards[0];
}

/** follow returns the card at the other end of the first wire, down or up the stream. */
export function follow(scene: Scene, from: string, back: boolean): Card | undefined {
  const height = (id: string) => scene.byId.get(id)?.at[1] ?? 0;
  const ends = scene.wires.filter((w) => (back ? w.to : w.from) === from).map((w) => (back ? w.from : w.to));
  const id = ends.toSorted((a, b) => height(a) - height(b))[0];
  return id === undefined ? undefined : scene.byId.get(id);
}

const fold = (s: string) => s.normalize("NFC").toLowerCase();

/** typed returns the card whose name begins with a text, or holds it; the one asked from is left out. */
export function typed(scene: Scene, text: string, except: string): Card | undefined {
  const asked = fold(text);
  if (asked === "") return undefined;
  const cards = scene.cards.filter((c) => c.id !== except && c.type !== "label");
  return cards.find((c) => fold(c.name).startsWith(asked)) ?? cards.find((c) => fold(c.name).includes(asked)) ?? cards.find((c) => fold(c.kind).includes(asked));
}
