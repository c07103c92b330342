import type { Regularizer, Slot, UpdateOptions } from '../backend.ts';
import type { Ops, Variable } from './ops.ts';
import type { TensorParameter } from './parameter.ts';
import { prox } from './prox.ts';

/** How an update treats a parameter; together with the rule it determines the update's program. */
export interface Treatment {
  /** Only coordinates inside the mask move. */
  support: boolean;
  /** The mask has no part in it, sets values outside it to 0, or follows the values. */
  mask: 'none' | 'clamps' | 'follows';
  /** All coordinates have been updated equally often, so that their bias corrections are two numbers. */
  uniform: boolean;
  /** A step by gradient and momentum may change the variables as a whole: what must not move, does not. */
  inPlace: boolean;
}

/** @param updates the count for which the update brings bias corrections as numbers */
export function treatmentOf<T>(
  { masked, mask, updatedEqually, mostUpdates, stepsInside }: TensorParameter<T>,
  { scope, reselect = false }: UpdateOptions,
  updates: number,
): Treatment {
  const support = masked && scope === 'support';
  const uniform = !support && updatedEqually && mostUpdates === updates;
  if (reselect && mask) return { support, mask: 'follows', uniform, inPlace: false };
  if (masked && !support) return { support, mask: 'clamps', uniform, inPlace: false };
  return { support, mask: 'none', uniform, inPlace: stepsInside };
}

/** The numbers of an update as [] tensors: those of `hyperparameters`, corrections and the gradients' scale. */
export type Numbers<T> = Readonly<Record<string, T>>;

/** A parameter while a rule moves it, inside a program. */
export interface Moving<T> {
  /** θ before the step: to be read before `moveTo`. */
  readonly value: T;
  /** g, scaled. */
  readonly gradient: T;
  readonly sparse: boolean;
  /** State before the step. */
  state(slot: Slot): T;
  /** State after the step; outside the update's scope it stays as it was. */
  keep(slot: Slot, next: T): void;
  /** Bias corrections for the counts t that `keep` has just been given, [] or as large as the parameter. */
  corrections(t: T): readonly T[];
  /** θ ← prox(point) within the scope; J applies to sparse weights only. */
  moveTo(point: T, regularizer?: Regularizer): void;
  /** The variables themselves, where a step by gradient and momentum may change all of them. */
  inPlace(): { value: Variable<T>; slot(slot: Slot): Variable<T> } | undefined;
  /** After the step, where the mask follows the values. */
  newMask(): T | undefined;
}

/** @param tables vectors of the bias corrections, for a parameter that is not `uniform` */
export function moving<T>(
  ops: Ops<T>,
  parameter: TensorParameter<T>,
  treatment: Treatment,
  numbers: Numbers<T>,
  tables: readonly T[],
): Moving<T> {
  const { info, mask, value: theta } = parameter;
  const { gradientScale, correction1, correction2, threshold, groupThreshold } = numbers;
  const g = parameter.gradient.value();
  const inside = (a: T, b: T) => ops.select(mask!.value(), a, b);
  let newMask: T | undefined;
  return {
    get value() {
      return theta.value();
    },
    gradient: gradientScale === undefined ? g : ops.mul(g, gradientScale),
    sparse: info.sparse,
    state: (slot) => parameter.slot(slot).value(),
    keep(slot, next) {
      const variable = parameter.slot(slot);
      variable.assign(treatment.support ? inside(next, variable.value()) : next);
    },
    corrections: (t) =>
      treatment.uniform ? [correction1, correction2] : tables.map((table) => ops.gather(table, t)),
    moveTo(point, regularizer) {
      const zero = ops.constant([0], []);
      // Groups are shrunk by the norm of what they have inside the mask.
      const start = treatment.support ? inside(point, zero) : point;
      const end =
        regularizer && info.sparse
          ? prox(ops, start, regularizer.kind, { threshold, groupThreshold })
          : start;
      theta.assign(treatment.mask === 'clamps' ? inside(end, zero) : end);
      if (treatment.mask === 'follows') newMask = ops.nonZero(end);
    },
    inPlace: () => (treatment.inPlace ? { value: theta, slot: (slot) => parameter.slot(slot) } : undefined),
    newMask: () => newMask,
  };
}
