import { UserError } from '../../shared/errors.ts';
import { parseValues } from '../../shared/fields.ts';
import { Random } from '../../shared/random.ts';
import type { Batch, Network } from '../backends/backend.ts';
import { chooseBackend } from '../backends/registry.ts';
import { datasetById } from '../datasets/registry.ts';
import { analyse, type Graph } from '../models/graph.ts';
import { initialize } from '../models/initialize.ts';
import { modelById } from '../models/registry.ts';
import { note, percent, print, printJson, quantity, table } from './output.ts';

const sparsities = [0, 0.8, 0.9, 0.95, 0.98, 0.99];

/** `filigree bench`: median time of a training step (forward, backward, SGD) at random masks of several sparsities. */
export async function bench(options: {
  model: string;
  dataset: string;
  batch: number;
  threads: number;
  json?: boolean;
}): Promise<void> {
  const graph = graphFor(options.model, options.dataset);
  const { backend, threads, notice } = chooseBackend('auto', options.threads);
  if (notice) note(notice);
  const { macs, parameters } = analyse(graph);
  const weights = parameters.filter((p) => p.role === 'weight');
  const network = await backend.compile(graph, {
    maxBatch: options.batch,
    threads,
    sparse: new Set(weights.map((p) => p.name)),
  });
  await initialize(network, new Random(0, 'initialize'), 'kaiming');
  const batch = randomBatch(graph, options.batch);
  const results: { sparsity: number; stepMs: number; sparseLayers: number }[] = [];
  for (const sparsity of sparsities) {
    await maskTo(network, sparsity);
    const stepMs = await medianStep(network, batch);
    results.push({
      sparsity,
      stepMs,
      sparseLayers: network.execution().filter((l) => l.choice === 'sparse').length,
    });
  }
  network.dispose();
  if (options.json)
    return printJson({ model: options.model, dataset: options.dataset, batch: options.batch, macs, results });
  const dense = results[0].stepMs;
  print(
    `${options.model} on ${options.dataset}, batch ${options.batch}, ${quantity(macs)} MACs per sample; ${backend.describe()}`,
  );
  print(
    table(
      ['sparsity', 'ms per step', 'samples/s', 'of dense', 'layers run sparse'],
      results.map((r) => [
        percent(r.sparsity, 0),
        r.stepMs.toFixed(3),
        quantity((1000 * options.batch) / r.stepMs),
        percent(r.stepMs / dense),
        `${r.sparseLayers} of ${weights.length}`,
      ]),
    ),
  );
}

function graphFor(modelId: string, datasetId: string): Graph {
  const model = modelById(modelId);
  const { preview } = datasetById(datasetId);
  if (!preview) {
    throw new UserError(
      'bad-flag',
      `--dataset: the shape of ${datasetId} is not known before it is loaded`,
      '--dataset',
    );
  }
  const channels = preview.shape[0];
  const input = {
    shape: preview.shape,
    scale: Array<number>(channels).fill(1 / 64),
    shift: Array<number>(channels).fill(-2),
  };
  return model.build(parseValues(model.fields, {}, 'model'), input, preview.classes);
}

function randomBatch(graph: Graph, size: number): Batch {
  const random = new Random(0, 'batch');
  const features = graph.input.shape.reduce((a, b) => a * b, 1);
  return {
    samples: Uint8Array.from({ length: size * features }, () => random.below(256)),
    labels: Int32Array.from({ length: size }, () => random.below(graph.classes)),
    size,
  };
}

/** Masks only ever shrink here, so that weights that stay keep their values. */
async function maskTo(network: Network, sparsity: number): Promise<void> {
  if (sparsity === 0) return;
  for (const parameter of network.parameters.filter((p) => p.sparse)) {
    const random = new Random(1, parameter.name);
    await network.writeMask(
      parameter.name,
      Uint8Array.from({ length: parameter.size }, () => (random.uniform() >= sparsity ? 1 : 0)),
    );
  }
}

/** At least 12 steps or half a second, after a warm-up that also lets the engine choose its kernels. */
async function medianStep(network: Network, batch: Batch): Promise<number> {
  const times: number[] = [];
  const started = performance.now();
  for (let i = 0; i < 16 || (performance.now() - started < 600 && i < 2000); i++) {
    const start = performance.now();
    await network.trainStep(batch, { gradients: 'support' });
    await network.applyUpdate(
      { kind: 'sgd', learningRate: 0.01, momentum: 0, nesterov: false, weightDecay: 0 },
      { scope: 'support' },
    );
    if (i >= 4) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}
