// Which thing lies at a point, asked of a grid: the overview has no elements to
// ask, and its flows are large.
import { type Box, inside, meets, type Point } from "./geometry";

const cell = 512;
const cellOf = (n: number) => Math.floor(n / cell);

/** HitGrid finds boxes by point and by box. */
export class HitGrid<T extends Box> {
  private readonly cells = new Map<string, T[]>();

  constructor(boxes: Iterable<T>) {
    for (const b of boxes) {
      for (let x = cellOf(b.x); x <= cellOf(b.x + b.w); x++) {
        for (let y = cellOf(b.y); y <= cellOf(b.y + b.h); y++) {
          const key = `${x} ${y}`;
          const list = this.cells.get(key);
          if (list === undefined) this.cells.set(key, [b]);
          else list.push(b);
        }
      }
    }
  }

  /** at returns the box drawn last of those at a point, with some room round it. */
  at(p: Point, room = 0): T | undefined {
    let best: T | undefined;
    for (const b of this.within({ x: p.x - room, y: p.y - room, w: 2 * room, h: 2 * room })) {
      if (best === undefined || inside(p, b)) best = b;
    }
    return best;
  }

  /** within returns the boxes that meet a box. */
  within(area: Box): Set<T> {
    const found = new Set<T>();
    const x1 = cellOf(area.x + area.w);
    const y1 = cellOf(area.y + area.h);
    for (let x = cellOf(area.x); x <= x1; x++) {
      for (let y = cellOf(area.y); y <= y1; y++) {
        for (const b of this.cells.get(`${x} ${y}`) ?? []) if (meets(area, grown(b))) found.add(b);
      }
    }
    return found;
  }
}

// A point is a box of no size, which meets nothing: edges count as inside.
const grown = (b: Box): Box => ({ x: b.x - 0.01, y: b.y - 0.01, w: b.w + 0.02, h: b.h + 0.02 });
