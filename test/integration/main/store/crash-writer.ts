/** Writes flushes of a run until it is killed, and reports each one that is stored: `crash.test.ts` starts it. */
import { RunStore } from '../../../../main/store/run-store.ts';

const [, , database, run] = process.argv;
const store = RunStore.open(database);
store.setState(run, 'starting');
store.setState(run, 'running');
for (let flush = 0; ; flush++) {
  const steps = Float64Array.from({ length: 40 }, (_, i) => flush * 40 + i);
  const points = { steps, values: steps.map((step) => step / 10), wallMs: steps.map((step) => step) };
  const data = new Uint8Array(20_000).fill(flush);
  store.appendFrames(run, [
    { type: 'scalars', series: [{ key: 'a', ...points }] },
    {
      type: 'topology',
      step: flush,
      layers: [{ name: 'fc1', rows: 1, columns: 1, nnz: 1, encoding: 'key', data }],
    },
    { type: 'event', step: flush, level: 'info', kind: 'flush', text: '' },
    { type: 'scalars', series: [{ key: 'b', ...points }] },
  ]);
  process.stdout.write(`${flush + 1}\n`);
}
