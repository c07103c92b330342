import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeIcons } from '../../../scripts/make-icons.mjs';

const edge = async (png: Buffer) => {
  const { format, width, height } = await sharp(png).metadata();
  return format === 'png' && width === height ? width : undefined;
};

describe('icons', () => {
  const folder = mkdtempSync(join(tmpdir(), 'filigree-icons-'));
  beforeAll(() => makeIcons(folder));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('for Linux are PNGs of the sizes in their names, drawn and not empty', async () => {
    const names = readdirSync(join(folder, 'png'));
    expect(names.length).toBe(10);
    for (const name of names) {
      const png = readFileSync(join(folder, 'png', name));
      expect(`${await edge(png)}x${await edge(png)}.png`).toBe(name);
      const { channels } = await sharp(png).stats();
      for (const colour of channels.slice(0, 3)) expect(colour.stdev, name).toBeGreaterThan(20);
    }
  });

  it('for Windows are one .ico whose directory leads to a PNG of each size', async () => {
    const ico = readFileSync(join(folder, 'icon.ico'));
    expect([ico.readUInt16LE(0), ico.readUInt16LE(2)]).toEqual([0, 1]);
    const sizes: (number | undefined)[] = [];
    for (let at = 6; at < 6 + 16 * ico.readUInt16LE(4); at += 16) {
      const size = await edge(ico.subarray(ico.readUInt32LE(at + 12)).subarray(0, ico.readUInt32LE(at + 8)));
      expect(ico[at] || 256).toBe(size);
      sizes.push(size);
    }
    expect(sizes).toEqual([16, 20, 24, 32, 40, 48, 64, 128, 256]);
  });

  it('for Macs are one .icns whose entries have the sizes of their types, with the margin that Macs want', async () => {
    const icns = readFileSync(join(folder, 'icon.icns'));
    expect([icns.toString('latin1', 0, 4), icns.readUInt32BE(4)]).toEqual(['icns', icns.length]);
    const sizes: Record<string, number | undefined> = {};
    for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) {
      const png = icns.subarray(at + 8, at + icns.readUInt32BE(at + 4));
      sizes[icns.toString('latin1', at, at + 4)] = await edge(png);
    }
    const plain = { icp4: 16, icp5: 32, ic07: 128, ic08: 256, ic09: 512 };
    expect(sizes).toEqual({ ...plain, ic10: 1024, ic11: 32, ic12: 64, ic13: 256, ic14: 512 });
    const largest = icns.subarray(icns.indexOf('ic10') + 8);
    const { info } = await sharp(largest).trim({ background: '#0000' }).toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([824, 824]);
  });
});
