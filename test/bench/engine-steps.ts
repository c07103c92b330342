import { engineById } from '../../main/backends/registry.ts';
import type { LoadedEngine } from '../../main/backends/engine.ts';
import { openTensorflow } from '../../main/backends/tensorflow/open.ts';
import { analyse } from '../../main/models/graph.ts';
import { modelById } from '../../main/models/registry.ts';
import { probeInput, StepProbe } from '../../main/training/probe.ts';
import { parseValues } from '../../shared/fields.ts';
import type { Candidate, EngineSteps, Measurement } from './engines.ts';

/**
 * A process of `npm run bench -- engines`: times the steps of one network on one engine, and prints JSON. An engine's
 * libraries read their environment as they load, so every engine gets a process of its own, as in training.
 */
const { candidate, threads, network, sparsities } = JSON.parse(process.argv[2]) as Measurement;

const loaded = await load(candidate);
const imitated = loaded.device.kind === 'software';
if (imitated && !network.small)
  throw new Error('cannot run here: a GPU imitated on the CPU would take minutes per step');
const steps = imitated ? 3 : network.steps;
const model = modelById(network.model);
const graph = model.build(parseValues(model.fields, network.values, 'model'), probeInput(network.shape), 10);
const weights = analyse(graph).parameters.filter(({ role }) => role === 'weight');
const probe = await StepProbe.create({
  backend: loaded.backend,
  graph,
  threads,
  batchSize: network.batch,
  sparse: new Set(weights.map(({ name }) => name)),
});
const ms: Record<string, number> = {};
// From dense to sparse: the probe's masks lie inside each other.
for (const sparsity of sparsities) {
  if (sparsity > 0) await probe.mask(() => 1 - sparsity);
  const warmUp = Math.max(3, Math.ceil(steps / 10));
  ms[sparsity] = await probe.stepMs('support', { steps, warmUp });
}
const result: EngineSteps = { engine: loaded.backend.describe(), device: loaded.device, ms };
probe.dispose();
// Graphics drivers keep threads of their own alive, so that the process would not end by itself.
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));

function load({ engine, execution }: Candidate): Promise<LoadedEngine> | LoadedEngine {
  return execution ? openTensorflow(threads, execution) : engineById(engine).load(threads);
}
