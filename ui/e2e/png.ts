import { crc32, deflateSync } from "node:zlib";

function chunk(name: string, data: Buffer): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length);
  out.write(name, 4, "latin1");
  data.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

/** paletted names each pixel of rgb (3 bytes each) by its colour in steps; undefined where there are more than 256 colours. */
function paletted(rgb: Uint8Array, step: number): { pixels: Buffer; palette: number[] } | undefined {
  const found = new Map<number, number>();
  const pixels = Buffer.alloc(rgb.length / 3);
  const near = (at: number) => Math.min(255, Math.round((rgb[at] ?? 0) / step) * step);
  for (let i = 0; i < pixels.length; i++) {
    const colour = (near(3 * i) << 16) | (near(3 * i + 1) << 8) | near(3 * i + 2);
    let n = found.get(colour);
    if (n === undefined) {
      if (found.size === 256) return undefined;
      n = found.size;
      found.set(colour, n);
    }
    pixels[i] = n;
  }
  return { pixels, palette: [...found.keys()] };
}

/** png writes an image in 256 colours at most, in the finest steps that suffice: a quarter of what true colour takes. */
export function png(rgb: Uint8Array, width: number): Buffer {
  let image: ReturnType<typeof paletted>;
  for (let step = 6; image === undefined; step += 2) image = paletted(rgb, step);
  const height = image.pixels.length / width;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 3], 8);
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) image.pixels.copy(lines, y * (width + 1) + 1, y * width, (y + 1) * width);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk("IHDR", head),
    chunk("PLTE", Buffer.from(image.palette.flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]))), chunk("IDAT", deflateSync(lines, { level: 9 })), chunk("IEND", Buffer.alloc(0)),
  ]);
}
