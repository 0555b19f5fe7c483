import { crc32, deflateSync, inflateSync } from "node:zlib";

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

/** raw undoes a PNG of 8 bits a channel, without or with alpha and not interlaced: its lines, without their filters. */
function raw(file: Buffer): { pixels: Uint8Array; width: number; height: number; each: number } {
  const [width, height, each] = [file.readUInt32BE(16), file.readUInt32BE(20), file[25] === 6 ? 4 : 3];
  if (file[24] !== 8 || (file[25] !== 2 && file[25] !== 6) || file[28] !== 0) throw new Error(`a PNG of depth ${file[24]}, colour type ${file[25]}, interlace ${file[28]} is not read here`);
  const parts: Buffer[] = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    if (file.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
  }
  const from: Uint8Array = inflateSync(Buffer.concat(parts));
  const line = width * each;
  const pixels = new Uint8Array(line * height);
  for (let y = 0; y < height; y++) {
    const filter = from[y * (line + 1)];
    const [source, start] = [y * (line + 1) + 1, y * line];
    for (let x = 0; x < line; x++) {
      const at = start + x;
      const left = x < each ? 0 : (pixels[at - each] as number);
      const up = y === 0 ? 0 : (pixels[at - line] as number);
      let add = 0;
      if (filter === 1) add = left;
      else if (filter === 2) add = up;
      else if (filter === 3) add = (left + up) >> 1;
      else if (filter === 4) {
        const corner = x < each || y === 0 ? 0 : (pixels[at - line - each] as number);
        const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
        add = a <= b && a <= c ? left : b <= c ? up : corner;
      }
      pixels[at] = (from[source + x] as number) + add;
    }
  }
  return { pixels, width, height, each };
}

/** shrunk is a PNG's image, each pixel (3 bytes) the mean of a square of n by n; alpha is let be. */
export function shrunk(file: Buffer, n: number): { rgb: Uint8Array; width: number } {
  const { pixels, width, height, each } = raw(file);
  const [w, h] = [Math.floor(width / n), Math.floor(height / n)];
  const sums = new Uint32Array(w * 3);
  const rgb = new Uint8Array(w * h * 3);
  for (let y = 0; y < h; y++) {
    sums.fill(0);
    for (let i = 0; i < n; i++) {
      for (let x = 0, at = (y * n + i) * width * each; x < w * n; x++, at += each) {
        const to = Math.floor(x / n) * 3;
        for (let k = 0; k < 3; k++) sums[to + k] = (sums[to + k] as number) + (pixels[at + k] as number);
      }
    }
    for (let x = 0; x < sums.length; x++) rgb[y * sums.length + x] = (sums[x] as number) / (n * n);
  }
  return { rgb, width: w };
}
