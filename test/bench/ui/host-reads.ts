import { readCurves } from '../../../main/app/curves.ts';
import { openWorkspace } from '../../../main/app/workspace.ts';
import { RunStore } from '../../../main/store/run-store.ts';
import { xKinds } from '../../../shared/contract.ts';
import { generateRuns } from '../../support/many-runs.ts';
import { median } from '../support.ts';
import type { Figure } from './index.ts';

const runs = 5000;
const points = 1_000_000;

/** What the host does for the window: listing many runs, and reducing a series of a million points for a chart. */
export async function hostReads(folder: string): Promise<Figure[]> {
  const store = RunStore.open(openWorkspace(folder).database);
  const [runId] = generateRuns(store, runs, 1);
  store.truncateFrom(runId, 0);
  const steps = Float64Array.from({ length: points }, (_, i) => i);
  const series = (key: string, value: (step: number) => number) => ({
    key,
    steps,
    values: steps.map(value),
    wallMs: steps.map((step) => step / 2),
  });
  store.appendFrames(runId, [
    {
      type: 'scalars',
      series: [
        series('train/loss', (step) => Math.sin(step / 1000)),
        series('flops/train', (step) => 1e6 * step),
      ],
    },
  ]);
  const time = (action: () => unknown) =>
    median(
      Array.from({ length: 7 }, () => {
        const start = performance.now();
        action();
        return performance.now() - start;
      }),
    );
  const figures: Figure[] = [
    {
      what: `list ${runs} runs, host`,
      measured: time(() => store.listRows()),
      limit: 400,
      unit: 'ms',
      how: 'median of 7, settings and metrics included',
    },
  ];
  for (const x of xKinds) {
    const request = { series: [{ runId, key: 'train/loss' }], x, buckets: 1000, smoothing: 0.9 };
    figures.push({
      what: `reduce 1e6 points by ${x}, host`,
      measured: time(() => readCurves(store, request)),
      limit: 300,
      unit: 'ms',
      how: 'median of 7, smoothed over all points',
    });
  }
  store.close();
  return figures;
}
