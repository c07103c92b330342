import { crc32, deflateSync } from 'node:zlib';

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Shades of an entry, from nothing to full. */
export const shades = 16;

/**
 * A picture of one colour whose opacity is the shade, so that it stands on light and dark paper alike (PNG
 * specification, colour type 3 with tRNS, four bits per pixel).
 * @param pixels shades 0 to 15, row-major
 */
export function encodePng(
  pixels: Uint8Array,
  { width, height }: { width: number; height: number },
  color: readonly [number, number, number],
): Uint8Array {
  const rowBytes = 1 + Math.ceil(width / 2);
  const rows = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      rows[y * rowBytes + 1 + (x >> 1)] |= pixels[y * width + x] << (x & 1 ? 0 : 4);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([4, 3, 0, 0, 0], 8);
  const palette = Uint8Array.from({ length: 3 * shades }, (_, i) => color[i % 3]);
  const opacity = Uint8Array.from({ length: shades }, (_, shade) => Math.round((255 * shade) / (shades - 1)));
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('tRNS', opacity),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', new Uint8Array()),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}
