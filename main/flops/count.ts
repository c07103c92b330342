import type { ParameterInfo } from '../backends/backend.ts';
import type { StepPlan } from '../methods/method.ts';

/**
 * What the backward pass of the first layer counts.
 * `paper`: every layer computes an input gradient, as the literature counts (dense SGD = 3 f_D per sample).
 * `exact`: the first layer needs none, as an implementation does it.
 */
export type Convention = 'paper' | 'exact';

/** What the counter needs to know of a parameter; only weights of linear and convolution layers count. */
export type CountedParameter = Pick<ParameterInfo, 'name' | 'role' | 'size' | 'macsPerWeight'>;
export type ActiveCount = (name: string) => number;

/** FLOPs of one sample in one layer. */
export interface LayerFlops {
  parameter: string;
  forward: number;
  inputGradient: number;
  weightGradient: number;
}

/** One multiply-accumulate is two floating-point operations, everywhere in this folder. */
const flopsPerMac = 2;

const weightsOf = (parameters: readonly CountedParameter[]) => parameters.filter((p) => p.role === 'weight');

/**
 * Training FLOPs of one sample, per layer. With f_S = Σ active · 2 · output positions and f_D its dense value:
 * forward f_S, input gradient f_S, weight gradient f_S (`support`) or f_D (`dense`). So a dense network costs
 * 3 f_D, LinBreg 2 f_S + f_D and steps on the support 3 f_S. Biases, normalisation, the optimiser and mask
 * updates are not counted, as in the literature.
 */
export function trainingFlops(
  parameters: readonly CountedParameter[],
  active: ActiveCount,
  gradients: StepPlan['gradients'],
  convention: Convention,
): LayerFlops[] {
  return weightsOf(parameters).map((p, index) => {
    const sparse = flopsPerMac * active(p.name) * p.macsPerWeight;
    const dense = flopsPerMac * p.size * p.macsPerWeight;
    return {
      parameter: p.name,
      forward: sparse,
      inputGradient: convention === 'exact' && index === 0 ? 0 : sparse,
      weightGradient: gradients === 'dense' ? dense : sparse,
    };
  });
}

/** Forward FLOPs of one sample, f_S; with `active` left out, those of the dense network, f_D. */
export function inferenceFlops(parameters: readonly CountedParameter[], active?: ActiveCount): number {
  return weightsOf(parameters).reduce(
    (sum, p) => sum + flopsPerMac * (active ? active(p.name) : p.size) * p.macsPerWeight,
    0,
  );
}

/** Training FLOPs of one sample in the dense network: 3 f_D, or 2 f_1 + 3 Σ_{l>1} f_l when exact. */
export function denseTrainingFlops(parameters: readonly CountedParameter[], convention: Convention): number {
  const size = new Map(parameters.map((p) => [p.name, p.size]));
  return totalFlops(trainingFlops(parameters, (name) => size.get(name)!, 'dense', convention));
}

export function totalFlops(layers: readonly LayerFlops[]): number {
  return layers.reduce((sum, l) => sum + l.forward + l.inputGradient + l.weightGradient, 0);
}

/**
 * Counts the FLOPs of a run from what its steps declare to need, so that every method is measured alike.
 * Sums are exact integers up to 2^53 and keep 16 digits beyond.
 */
export class FlopsMeter {
  readonly #parameters: readonly CountedParameter[];
  readonly #densePerSample: Record<Convention, number>;
  #spent: Record<Convention, number> = { paper: 0, exact: 0 };
  #samples = 0;
  /** Σ over samples of the number of active parameters. */
  #activeSamples = 0;

  constructor(parameters: readonly CountedParameter[]) {
    this.#parameters = parameters;
    this.#densePerSample = {
      paper: denseTrainingFlops(parameters, 'paper'),
      exact: denseTrainingFlops(parameters, 'exact'),
    };
  }

  /**
   * Adds one step of `plan.batches` passes.
   * @param active entries inside each mask during these passes; the size for parameters without a mask
   */
  add(plan: Pick<StepPlan, 'gradients' | 'batches'>, batchSize: number, active: ActiveCount): void {
    const samples = plan.batches * batchSize;
    for (const convention of ['paper', 'exact'] as const) {
      const perSample = totalFlops(trainingFlops(this.#parameters, active, plan.gradients, convention));
      this.#spent[convention] += samples * perSample;
    }
    this.#samples += samples;
    this.#activeSamples += samples * this.#parameters.reduce((sum, p) => sum + active(p.name), 0);
  }

  /** Training FLOPs so far, by the papers' convention. */
  get training(): number {
    return this.#spent.paper;
  }

  /** FLOPs so far, % of dense training over the same number of samples; 0 before the first step. */
  percentOfDense(convention: Convention): number {
    if (this.#samples === 0) return 0;
    return (100 * this.#spent[convention]) / (this.#samples * this.#densePerSample[convention]);
  }

  /** Forward FLOPs of the network as it is now, as a share of the dense ones: the FLOP-weighted density. */
  inferenceShare(active: ActiveCount): number {
    return inferenceFlops(this.#parameters, active) / inferenceFlops(this.#parameters);
  }

  /** Active parameters (biases and normalisation included), averaged over the training so far. */
  get averageActive(): number {
    return this.#samples === 0 ? 0 : this.#activeSamples / this.#samples;
  }

  /** The whole state as JSON, for a checkpoint. */
  save(): { paper: number; exact: number; samples: number; activeSamples: number } {
    return { ...this.#spent, samples: this.#samples, activeSamples: this.#activeSamples };
  }

  restore(saved: { paper: number; exact: number; samples: number; activeSamples: number }): void {
    this.#spent = { paper: saved.paper, exact: saved.exact };
    this.#samples = saved.samples;
    this.#activeSamples = saved.activeSamples;
  }
}
