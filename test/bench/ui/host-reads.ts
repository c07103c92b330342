import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCurves } from '../../../main/app/curves.ts';
import { RunStore } from '../../../main/store/run-store.ts';
import { generateRuns } from '../../support/many-runs.ts';

/**
 * How long the host takes to list many runs and to reduce a series of a million points: median of seven, milliseconds.
 * `node test/bench/ui/host-reads.ts [RUNS]`, default 5000.
 */
const runs = Number(process.argv[2] ?? 5000);
const folder = mkdtempSync(join(tmpdir(), 'filigree-reads-'));
const store = RunStore.open(join(folder, 'runs.sqlite'));

function median(what: string, action: () => unknown): void {
  const times = Array.from({ length: 7 }, () => {
    const start = performance.now();
    action();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  console.log(`${what}: ${times[3].toFixed(0)} ms`);
}

try {
  const [runId] = generateRuns(store, runs, 1);
  median(`list ${runs} runs`, () => store.listRows());
  const steps = Float64Array.from({ length: 1_000_000 }, (_, i) => i);
  const values = steps.map((step) => Math.sin(step / 1000));
  store.appendFrames(runId, [
    { type: 'scalars', series: [{ key: 'million', steps, values, wallMs: steps }] },
  ]);
  for (const smoothing of [0, 0.99]) {
    const request = { series: [{ runId, key: 'million' }], x: 'step', buckets: 1500, smoothing } as const;
    median(`reduce a million points, smoothing ${smoothing}`, () =>
      readCurves(store, { ...request, series: [...request.series] }),
    );
  }
} finally {
  store.close();
  rmSync(folder, { recursive: true });
}
