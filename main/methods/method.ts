import type { GradientMode, Network, ParameterInfo } from '../backends/backend.ts';
import type { Fields, ValuesOf } from '../../shared/fields.ts';
import type { Random } from '../../shared/random.ts';
import type { DistributionLayer } from '../topology/distribution.ts';

/** What a method is, in the field's terms; shown on its card and used to group the list. */
export interface Taxonomy {
  start: 'dense' | 'sparse';
  /** dense-to-sparse and sparse-to-sparse follow from `start`; a dense method ends where it started. */
  end: 'dense' | 'sparse';
  /** Does the mask change during training? */
  topology: 'none' | 'static' | 'dynamic';
  structure: 'unstructured' | 'structured';
}

/** What one training step needs, declared before it runs: FLOPs are derived from this, never reported by a method. */
export interface StepPlan {
  gradients: GradientMode;
  /** Batches whose gradients are averaged before the step (1 except for accumulated topology updates). */
  batches: number;
  /** Shown in charts and frames: `fine` / `coarse` for multilevel methods, `topology` for mask updates. */
  phase: 'dense' | 'sparse' | 'fine' | 'coarse' | 'topology' | 'fine-tune';
}

export interface Horizon {
  totalSteps: number;
  stepsPerEpoch: number;
}

/** How dense each sparse layer is expected to be over a run, 0..1, in the order of the layers. */
export interface DensityForecast {
  start: readonly number[];
  end: readonly number[];
  /** Over the steps of the training: what its FLOPs follow. */
  average: readonly number[];
  /** Where `end` is an outcome of the training and not a setting, what was assumed, in sentences; '' where it is set. */
  assumption: string;
}

/** Everything a method may touch. `state` is stored in checkpoints; keep nothing anywhere else. */
export interface MethodContext<V, S> extends Horizon {
  readonly network: Network;
  readonly values: V;
  readonly state: S;
  /** Sparse weights in network order (those that masks, J and density apply to). */
  readonly sparse: readonly ParameterInfo[];
  /** The weights are those of another run's checkpoint, not fresh ones: what it has learned is to be kept. */
  readonly warmStart?: boolean;
  /** Stream of its own for everything random a method does; saved in checkpoints. */
  readonly random: Random;
  /** 0-based index of the current step. */
  readonly step: number;
  /** τ of this step, from the method's `learningRate` and the schedule. */
  readonly learningRate: number;
  /** Multiply gradients by this (clipping and averaging); pass it on to `applyUpdate`. */
  readonly gradientScale: number;
  /** A line for the run's event log. */
  log(text: string): void;
}

/** JSON-able numbers, texts and typed arrays only: this is what a checkpoint stores. */
export type StateValue =
  | number
  | string
  | boolean
  | null
  | Float32Array
  | Uint8Array
  | readonly StateValue[]
  | { [key: string]: StateValue };

/**
 * One sparse-training method. A plain object over the primitives of `Network`; adding one is one file in
 * `methods/`, one line in `registry.ts` and one test.
 */
export interface Method<
  F extends Fields = Fields,
  S extends { [key: string]: StateValue } = { [key: string]: StateValue },
> {
  id: string;
  title: string;
  /** One sentence for the list. */
  summary: string;
  paper: { title: string; reference: string };
  taxonomy: Taxonomy;
  /** True where the method is ours rather than published. */
  extension?: boolean;
  /** Always contains `learningRate`. */
  fields: F;
  /** Refuses combinations of values that single fields cannot (throws UserError naming the field). */
  check?(values: ValuesOf<F>, horizon: Horizon): void;
  /** Pure: what step `step` needs. Also used to predict a run's FLOPs before it starts. */
  plan(values: ValuesOf<F>, step: number, horizon: Horizon): StepPlan;
  /** Expected densities before a run starts; left out by methods that leave every layer dense. */
  forecast?(values: ValuesOf<F>, layers: readonly DistributionLayer[], horizon: Horizon): DensityForecast;
  /** Called once on a network with dense initial weights and full masks; returns the initial state. */
  init(
    context: Omit<MethodContext<ValuesOf<F>, S>, 'state' | 'step' | 'learningRate' | 'gradientScale'>,
  ): Promise<S>;
  /** After the backward pass of a step: update the weights, the mask, or both. */
  step(context: MethodContext<ValuesOf<F>, S>): Promise<void>;
  /** After the last step, before the final evaluation. */
  finish?(context: MethodContext<ValuesOf<F>, S>): Promise<void>;
  /** Scalars worth a chart beside the standard ones, e.g. `lambda`, `itopRate`. */
  metrics?(values: ValuesOf<F>, state: S): Readonly<Record<string, number>>;
}

/** Keeps the literal types of the fields (inferred from `fields` alone), so that `values` is typed inside the method. */
export function defineMethod<const F extends Fields, S extends { [key: string]: StateValue }>(
  method: { fields: F } & Method<NoInfer<F>, S>,
): Method<F, S> {
  return method;
}
