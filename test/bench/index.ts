/** `npm run bench -- NAME ...`: the measurements behind every figure in the README. */
const benches: Record<
  string,
  { what: string; run: () => Promise<{ default: (args: string[]) => Promise<void> }> }
> = {
  kernels: {
    what: 'one layer, forward and backward, sparse and dense, beside PyTorch',
    run: () => import('./kernels.ts'),
  },
  steps: {
    what: 'whole training steps of an MLP and ResNet-20, beside PyTorch',
    run: () => import('./steps.ts'),
  },
  engines: {
    what: 'whole training steps on every engine, beside PyTorch: four networks, dense and sparse (about 15 minutes)',
    run: () => import('./engines.ts'),
  },
  ui: {
    what: 'the workbench in a browser: first paint, live charts, long series, many runs, mask tiles, telemetry',
    run: () => import('./ui/index.ts'),
  },
  acceptance: {
    what: 'every method on full Fashion-MNIST, three seeds (about 20 minutes)',
    run: () => import('./acceptance.ts'),
  },
};

const [name, ...args] = process.argv.slice(2);
const bench = Object.hasOwn(benches, name ?? '') ? benches[name] : undefined;
if (!bench) {
  if (name !== undefined) console.error(`there is no benchmark ${name}`);
  for (const [id, { what }] of Object.entries(benches))
    console.log(`npm run bench -- ${id.padEnd(12)} ${what}`);
  process.exit(name === undefined ? 0 : 2);
}
await (await bench.run()).default(args);
