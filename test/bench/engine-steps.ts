import { createInterface } from 'node:readline';
import type { LoadedEngine } from '../../main/backends/engine.ts';
import { engineById } from '../../main/backends/registry.ts';
import { openTensorflow } from '../../main/backends/tensorflow/open.ts';
import { analyse } from '../../main/models/graph.ts';
import { StepProbe } from '../../main/training/probe.ts';
import { graphOf, type Candidate, type EngineReady, type Measurement } from './engines.ts';

/**
 * A process of `npm run bench -- engines` (see `StepProcess`): one network on one engine. Lines in: `sparsity 0.9`, which
 * may only rise, and `steps 40`. An engine's libraries read their environment as they load, so every engine has a
 * process of its own, as in training.
 */
const { candidate, threads, network } = JSON.parse(process.argv[2]) as Measurement;

const loaded = await load(candidate);
const imitated = loaded.device.kind === 'software';
if (imitated && !network.small)
  throw new Error('cannot run here: a GPU imitated on the CPU would take minutes per step');
const graph = graphOf(network);
const weights = analyse(graph).parameters.filter(({ role }) => role === 'weight');
const probe = await StepProbe.create({
  backend: loaded.backend,
  graph,
  threads,
  batchSize: network.batch,
  sparse: new Set(weights.map(({ name }) => name)),
});
const most = imitated ? 1 : network.steps;
await probe.stepMs('support', { steps: Math.ceil(most / 4), warmUp: imitated ? 0 : 1 });
const ready: EngineReady = { engine: loaded.backend.describe(), imitated };
console.log(JSON.stringify(ready));

for await (const line of createInterface({ input: process.stdin })) {
  const [command, value] = line.split(' ');
  if (command === 'sparsity') {
    // The probe's masks lie inside each other.
    await probe.mask(() => 1 - Number(value));
    await probe.stepMs('support', { steps: 1, warmUp: 3 });
    console.log('masked');
  } else {
    const steps = Math.min(most, Number(value));
    console.log(await probe.stepMs('support', { steps, warmUp: imitated ? 0 : Math.ceil(steps / 8) }));
  }
}
process.exit(0);

function load({ engine, execution }: Candidate): Promise<LoadedEngine> | LoadedEngine {
  return execution ? openTensorflow(threads, execution) : engineById(engine).load(threads);
}
