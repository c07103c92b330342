import { encodePng, shades } from './png.ts';
import { html, type Html } from './html.ts';

/** Pixels of the longer side at most; larger masks are drawn as the density of blocks. */
const longest = 232;
const color = [36, 109, 207] as const;

export interface Mask {
  rows: number;
  columns: number;
  /** 1 inside, 0 outside, row-major. */
  mask: Uint8Array;
}

/** A mask as an inline picture: opacity is density, so one entry in an otherwise empty block can still be seen. */
export function maskPicture({ rows, columns, mask }: Mask, label: string): Html {
  const block = Math.max(1, Math.ceil(Math.max(rows, columns) / longest));
  const width = Math.ceil(columns / block);
  const height = Math.ceil(rows / block);
  const ones = new Uint32Array(width * height);
  for (let row = 0, i = 0; row < rows; row++) {
    const line = Math.floor(row / block) * width;
    for (let column = 0; column < columns; column++, i++) ones[line + Math.floor(column / block)] += mask[i];
  }
  const pixels = new Uint8Array(ones.length);
  for (let y = 0, p = 0; y < height; y++) {
    const blockRows = Math.min(block, rows - y * block);
    for (let x = 0; x < width; x++, p++) {
      const size = blockRows * Math.min(block, columns - x * block);
      pixels[p] = Math.ceil((ones[p] / size) * (shades - 1));
    }
  }
  const data = Buffer.from(encodePng(pixels, { width, height }, color)).toString('base64');
  return html`<img
    class="mask"
    src="data:image/png;base64,${data}"
    width="${width}"
    height="${height}"
    alt="${label}"
  />`;
}
