import { openWorkspace } from '../../../main/app/workspace.ts';
import { RunStore } from '../../../main/store/run-store.ts';
import { Random } from '../../../shared/random.ts';
import { generateRuns } from '../../support/many-runs.ts';
import { median } from '../support.ts';
import { untilDrawn, withWorkbench } from './browser.ts';
import type { Figure } from './index.ts';

const points = 1_000_000;

/** A loss curve of a million points: from the click to the run's chart with all of it, smoothed. */
export async function longSeries(folder: string): Promise<Figure[]> {
  const store = RunStore.open(openWorkspace(folder).database);
  const [id] = generateRuns(store, 1, 1);
  store.truncateFrom(id, 0);
  const random = new Random(1);
  const values = new Float64Array(points);
  for (let i = 0; i < points; i++) values[i] = 2 * Math.exp(-i / 200_000) + 0.3 * random.uniform();
  const steps = Float64Array.from({ length: points }, (_, i) => i);
  const wallMs = steps.map((step) => step / 2);
  store.appendFrames(id, [{ type: 'scalars', series: [{ key: 'train/loss', steps, values, wallMs }] }]);
  store.close();
  return withWorkbench(folder, async ({ page, visit }) => {
    const times: number[] = [];
    for (let round = 0; round < 7; round++) {
      await visit('/settings');
      await page.getByRole('heading', { name: 'Settings' }).waitFor();
      times.push(await untilDrawn(page, `/runs/${id}?smooth=0.9`, points - 1));
    }
    const how = 'from the click to the drawn chart of the run view: host, transfer and view included';
    return [{ what: 'open a series of 1e6 points', measured: median(times), limit: 300, unit: 'ms', how }];
  });
}
