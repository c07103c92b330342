import { UserError } from '../../shared/errors.ts';
import type { Values } from '../../shared/fields.ts';
import type { Choice, RunConfig } from '../../shared/run.ts';
import { methodById } from '../methods/registry.ts';
import type { RunStore } from '../store/run-store.ts';

export type BaselineKind = 'random-mask' | 'dense-equal-flops';

/**
 * The config of a standing baseline of a finished run; everything that is not named here is as in the run.
 * - `random-mask`: the method `static` with the run's final density, so that both networks end equally large, and the
 *   optimiser that is nearest to the run's (`nearestOptimizer`).
 * - `dense-equal-flops`: that optimiser on the dense network, for the number of epochs (at least one) whose training
 *   FLOPs come nearest to the run's.
 * @throws UserError `no-summary` before the run has finished, `not-sparse` where the baseline would be the run again
 */
export function createBaseline(store: RunStore, id: string, kind: BaselineKind): RunConfig {
  const { config, environment, state } = store.getRun(id);
  const summary = store.readSummary(id);
  if (!summary) {
    throw new UserError(
      'no-summary',
      `run ${id} is ${state}; a baseline needs the density and the FLOPs of a finished run`,
    );
  }
  const { density, 'flops/train': flops } = summary.values;
  const method = methodById(config.method.id);
  if (method.taxonomy.start === 'dense' && method.taxonomy.end === 'dense') {
    throw new UserError('not-sparse', `run ${id} is dense itself; baselines compare sparse runs`);
  }
  const optimizer = nearestOptimizer(config.method);
  if (kind === 'random-mask') {
    const values = { ...shared('static', config.method.values), ...optimizer.values, density };
    return {
      ...config,
      name: `${config.name} · random mask`,
      method: { id: 'static', values: { ...values, optimizer: optimizer.id } as Values },
    };
  }
  // Dense training costs 3 forward passes of 2 FLOPs per multiply-accumulate.
  const densePerSample = 6 * summary.layers.reduce((sum, layer) => sum + layer.macs, 0);
  const samplesPerEpoch = Number(environment.stepsPerEpoch) * config.training.batchSize;
  const epochs = Math.max(1, Math.round(flops / (densePerSample * samplesPerEpoch)));
  return {
    ...config,
    name: `${config.name} · dense, equal FLOPs`,
    method: { id: optimizer.id, values: optimizer.values },
    training: { ...config.training, epochs },
  };
}

/**
 * Adam for methods with Adam's moments, AdamW where the run chose it, else SGD; with the run's learning rate, momentum,
 * moments and weight decay as far as its method has them, and none where it has not.
 */
function nearestOptimizer({ values }: Choice): { id: 'sgd' | 'adam' | 'adamw'; values: Values } {
  const chosen = values.optimizer;
  const family =
    chosen === 'adam' || chosen === 'adamw' ? chosen : 'beta1' in values && chosen !== 'sgd' ? 'adam' : 'sgd';
  // The defaults of the dense optimisers are no part of the run: a method without momentum or decay has 0 of it.
  const none: Values = family === 'sgd' ? { momentum: 0, weightDecay: 0 } : { weightDecay: 0 };
  return { id: family, values: { ...none, ...shared(family, values) } };
}

/** The settings that another method knows as well. */
function shared(methodId: string, values: Values): Values {
  const { fields } = methodById(methodId);
  return Object.fromEntries(Object.entries(values).filter(([key]) => Object.hasOwn(fields, key))) as Values;
}
