import { createHash } from 'node:crypto';
import { UserError } from '../../shared/errors.ts';
import { Random } from '../../shared/random.ts';
import type { RunConfig } from '../../shared/run.ts';
import type { Network } from '../backends/backend.ts';
import { chooseBackend, type ChosenBackend } from '../backends/registry.ts';
import type { Dataset, LoadEnvironment } from '../datasets/dataset.ts';
import { datasetById } from '../datasets/registry.ts';
import type { Horizon, Method } from '../methods/method.ts';
import { methodById } from '../methods/registry.ts';
import { analyse, type Analysis, type Graph } from '../models/graph.ts';
import { initialize } from '../models/initialize.ts';
import { modelById } from '../models/registry.ts';

/** A run's parts, built and checked, before its first step. */
export interface Prepared {
  config: RunConfig;
  configHash: string;
  dataset: Dataset;
  graph: Graph;
  analysis: Analysis;
  chosen: ChosenBackend;
  network: Network;
  method: Method;
  horizon: Horizon;
}

const evaluationBatch = 256;

/**
 * Loads the data, builds the network with its seeded initial weights and checks that everything fits together.
 * @param chosen what computes it; left out: what the config names, loaded here
 * @throws UserError naming the setting or the file that is wrong
 */
export async function prepare(
  config: RunConfig,
  environment: LoadEnvironment,
  chosen?: ChosenBackend,
): Promise<Prepared> {
  chosen ??= await chooseBackend(config.engine.backend, config.engine.threads);
  const method = methodById(config.method.id);
  const dataset = await datasetById(config.dataset.id).load(config.dataset.values, environment);
  const horizon = horizonOf(config, dataset);
  method.check?.(config.method.values, horizon);
  const input = { shape: dataset.shape, ...dataset.normalization };
  const graph = modelById(config.model.id).build(config.model.values, input, dataset.classNames.length);
  const analysis = analyse(graph);
  const network = await chosen.backend.compile(graph, {
    maxBatch: Math.max(config.training.batchSize, Math.min(evaluationBatch, dataset.test.count)),
    threads: chosen.threads,
    sparse: sparseParameters(analysis, config.training.keepDense),
    execution: config.engine.execution,
  });
  await initialize(network, new Random(config.training.seed, 'initialize'), config.training.initialization);
  return {
    config,
    configHash: hashConfig(config),
    dataset,
    graph,
    analysis,
    chosen,
    network,
    method,
    horizon,
  };
}

export function horizonOf(config: RunConfig, dataset: { train: { count: number } }): Horizon {
  const { batchSize, epochs } = config.training;
  const stepsPerEpoch = Math.floor(dataset.train.count / batchSize);
  if (stepsPerEpoch === 0) {
    throw new UserError(
      'bad-config',
      `training.batchSize: ${batchSize} is more than the ${dataset.train.count} training samples of ${config.dataset.id}`,
      'training.batchSize',
    );
  }
  return { stepsPerEpoch, totalSteps: stepsPerEpoch * epochs };
}

/** Weights that the method may sparsify: all of linear and convolution layers but the ones kept dense. */
export function sparseParameters(
  analysis: Analysis,
  keepDense: RunConfig['training']['keepDense'],
): Set<string> {
  const weights = analysis.parameters.filter((p) => p.role === 'weight').map((p) => p.name);
  const first = keepDense === 'first' || keepDense === 'both' ? 1 : 0;
  const last = keepDense === 'last' || keepDense === 'both' ? 1 : 0;
  const sparse = new Set(weights.slice(first, weights.length - last));
  if (sparse.size === 0) {
    throw new UserError(
      'bad-config',
      `training.keepDense: "${keepDense}" leaves no layer to sparsify; this network has ${weights.length}`,
      'training.keepDense',
    );
  }
  return sparse;
}

/** Identifies a config whatever the order of its keys; the name does not count. */
export function hashConfig(config: RunConfig): string {
  const canonical = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(canonical)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([k, v]) => [k, canonical(v)]),
          )
        : value;
  return createHash('sha256')
    .update(JSON.stringify(canonical({ ...config, name: '' })))
    .digest('hex');
}
