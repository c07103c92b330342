import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrowser } from '../../../scripts/browser.mjs';
import { machine, markdownTable, publish } from '../support.ts';
import { firstPaint } from './first-paint.ts';
import { hostReads } from './host-reads.ts';
import { inspectorTile } from './inspector-tile.ts';
import { liveCharts } from './live-charts.ts';
import { longSeries } from './long-series.ts';
import { manyRuns } from './many-runs.ts';
import { telemetry } from './telemetry.ts';

/** A measurement against its limit; figures in milliseconds unless the unit says otherwise. */
export interface Figure {
  what: string;
  measured: number;
  limit: number;
  unit: string;
  /** How it was measured, in a sentence. */
  how: string;
}

/** The workbench in headless Chromium without a GPU, everything drawn by the processor that also trains. */
export default async function ui(args: string[]): Promise<void> {
  if (!findBrowser())
    throw new Error('no browser is installed: npm test installs one, or set FILIGREE_BROWSER');
  const parts = { firstPaint, longSeries, hostReads, manyRuns, inspectorTile, liveCharts, telemetry };
  const chosen = args.length > 0 ? args : Object.keys(parts);
  const figures: Figure[] = [];
  for (const name of chosen) {
    if (!Object.hasOwn(parts, name))
      throw new Error(`${name} is not one of ${Object.keys(parts).join(', ')}`);
    const folder = await mkdtemp(join(tmpdir(), 'filigree-bench-'));
    try {
      figures.push(...(await parts[name as keyof typeof parts](folder)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const rows = figures.map(({ what, measured, limit, unit, how }) => [
    what,
    `${measured.toPrecision(3)} ${unit}`,
    `< ${limit} ${unit}`,
    measured < limit ? 'met' : '**missed**',
    how,
  ]);
  const table = markdownTable(['what', 'measured', 'limit', '', 'how'], rows);
  const report = `# The workbench\n\n${machine()}; headless Chromium without a GPU, 1920x1080.\n\n${table}`;
  if (args.length > 0) console.log(report);
  else publish('ui', report);
}
