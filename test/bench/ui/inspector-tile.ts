import { openWorkspace } from '../../../main/app/workspace.ts';
import { RunStore } from '../../../main/store/run-store.ts';
import { encodeMask } from '../../../main/topology/snapshot.ts';
import { parseRunConfig } from '../../../main/training/config.ts';
import { hashConfig } from '../../../main/training/prepare.ts';
import { Random } from '../../../shared/random.ts';
import { median } from '../support.ts';
import { withWorkbench } from './browser.ts';
import type { Figure } from './index.ts';

const side = 4096;
const layer = 'fc2.weight';

/** Zooming and panning over a mask of 4096 x 4096: the time of each tile, and of the frames meanwhile. */
export async function inspectorTile(folder: string): Promise<Figure[]> {
  const id = storeLargeMask(folder);
  return withWorkbench(folder, async ({ page, visit }) => {
    await page.evaluate(() => {
      const tiles: number[] = [];
      const frames: number[] = [];
      Object.assign(window, { tiles, frames });
      new PerformanceObserver((list) => {
        for (const { name, duration } of list.getEntries()) if (name === 'mask-tile') tiles.push(duration);
      }).observe({ entryTypes: ['measure'] });
      let last = performance.now();
      const frame = (now: number) => {
        frames.push(now - last);
        last = now;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    await visit(`/runs/${id}/masks?layer=${layer}`);
    await page.waitForFunction(() => (window as unknown as { tiles: number[] }).tiles.length > 3, undefined, {
      timeout: 60_000,
    });
    await page.waitForTimeout(2000);
    await page.evaluate(() => void ((window as unknown as { frames: number[] }).frames.length = 0));
    await page.mouse.move(800, 500);
    // In to single cells and out again, at several places, then along the matrix.
    for (const deltaY of [-300, 300]) {
      for (let i = 0; i < 25; i++) {
        await page.mouse.wheel(0, deltaY);
        await page.waitForTimeout(40);
      }
    }
    for (let i = 0; i < 10; i++) {
      await page.mouse.wheel(0, -300);
      await page.waitForTimeout(40);
    }
    await page.mouse.down();
    for (let i = 0; i < 60; i++) await page.mouse.move(800 - 8 * i, 500 - 5 * i);
    await page.mouse.up();
    const { tiles, frames } = await page.evaluate(() => {
      const seen = window as unknown as { tiles: number[]; frames: number[] };
      return { tiles: seen.tiles, frames: seen.frames };
    });
    const at = (values: number[], share: number) =>
      values.sort((a, b) => a - b)[Math.floor(share * (values.length - 1))];
    return [
      {
        what: `mask tile of ${side} x ${side}`,
        measured: median(tiles),
        limit: 16,
        unit: 'ms',
        how: `median of ${tiles.length} tiles of 256 x 256; 95 % within ${at(tiles, 0.95).toFixed(1)} ms, slowest ${at(tiles, 1).toFixed(0)} ms`,
      },
      {
        what: 'frame while zooming and panning it',
        measured: at(frames, 0.95),
        limit: 17.5,
        unit: 'ms',
        how: `95 % of ${frames.length} frames within this (60 per second are 16.7 ms); slowest ${at(frames, 1).toFixed(0)} ms`,
      },
    ];
  });
}

function storeLargeMask(folder: string): string {
  const store = RunStore.open(openWorkspace(folder).database);
  const config = parseRunConfig({
    name: 'wide',
    model: { id: 'mlp', widths: [side, side] },
    method: 'static',
  });
  const id = store.createRun({ config, configHash: hashConfig(config), seed: 0, environment: {} });
  const random = new Random(1);
  const mask = Uint8Array.from({ length: side * side }, () => (random.uniform() < 0.05 ? 1 : 0));
  const nnz = mask.reduce((sum, one) => sum + one, 0);
  const snapshot = { name: layer, rows: side, columns: side, nnz, ...encodeMask(mask) };
  for (const state of ['queued', 'starting', 'running'] as const) store.setState(id, state);
  store.appendFrames(id, [{ type: 'topology', step: 0, layers: [snapshot] }]);
  store.setState(id, 'finished');
  store.close();
  return id;
}
