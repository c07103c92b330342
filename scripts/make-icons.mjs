// Draws the icons of the application in all sizes and formats from resources/icons/icon.svg into build/icons.
import { Buffer } from 'node:buffer';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { root } from './setup.mjs';

const source = join(root, 'resources', 'icons', 'icon.svg');
/** Where electron-builder.yml looks for them. */
const iconFolder = join(root, 'build', 'icons');

const linuxSizes = [16, 24, 32, 48, 64, 96, 128, 256, 512, 1024];
const windowsSizes = [16, 20, 24, 32, 40, 48, 64, 128, 256];
/** The types of PNG entries in an .icns file and their edges in pixels: plain and for screens of double density. */
const macTypes = {
  icp4: 16,
  icp5: 32,
  ic07: 128,
  ic08: 256,
  ic09: 512,
  ic11: 32,
  ic12: 64,
  ic13: 256,
  ic14: 512,
  ic10: 1024,
};
/** On a Mac the shape fills 824 of 1024 pixels of the canvas. */
const macShare = 824 / 1024;

/** Writes `icon.ico`, `icon.icns` and `png/<size>x<size>.png`. The same source gives the same bytes. */
export async function makeIcons(folder = iconFolder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'png'), { recursive: true });
  for (const size of linuxSizes) {
    writeFileSync(join(folder, 'png', `${size}x${size}.png`), await draw(size));
  }
  writeFileSync(
    join(folder, 'icon.ico'),
    ico(await Promise.all(windowsSizes.map(async (size) => [size, await draw(size)]))),
  );
  const entries = Object.entries(macTypes).map(async ([type, size]) => [type, await draw(size, macShare)]);
  writeFileSync(join(folder, 'icon.icns'), icns(await Promise.all(entries)));
}

/**
 * @param {number} size edge in pixels
 * @param {number} share of the edge that the shape fills
 * @returns {Promise<Buffer>} a PNG
 */
async function draw(size, share = 1) {
  const margin = Math.round((size * (1 - share)) / 2);
  const edge = size - 2 * margin;
  // 72 dpi would draw 1024 pixels; twice the final size is scaled down, which is smoother than one pass.
  return sharp(readFileSync(source), { density: (2 * 72 * edge) / 1024 })
    .resize(edge, edge)
    .extend({ top: margin, bottom: margin, left: margin, right: margin, background: '#0000' })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** An .ico file: a directory of images, which since Windows Vista may be PNGs. */
function ico(images) {
  const header = Buffer.alloc(6 + 16 * images.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(images.length, 4);
  let offset = header.length;
  for (const [i, [size, png]] of images.entries()) {
    const at = 6 + 16 * i;
    // One byte each for width and height, in which 0 stands for 256.
    header[at] = size % 256;
    header[at + 1] = size % 256;
    header.writeUInt16LE(1, at + 4);
    header.writeUInt16LE(32, at + 6);
    header.writeUInt32LE(png.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += png.length;
  }
  return Buffer.concat([header, ...images.map(([, png]) => png)]);
}

/** An .icns file: entries of a type, a length that counts their header, and a PNG. */
function icns(entries) {
  const chunk = (type, content) => {
    const header = Buffer.from(`${type}\0\0\0\0`, 'latin1');
    header.writeUInt32BE(header.length + content.length, 4);
    return Buffer.concat([header, content]);
  };
  return chunk('icns', Buffer.concat(entries.map(([type, png]) => chunk(type, png))));
}
