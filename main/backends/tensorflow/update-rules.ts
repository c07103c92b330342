import type { UpdateRule } from '../backend.ts';
import type { Moving, Numbers } from './moving.ts';
import type { Ops } from './ops.ts';

type Rule<K extends UpdateRule['kind']> = Extract<UpdateRule, { kind: K }>;

/** The numbers that a rule computes with: they enter its program as inputs, so that schedules retrace nothing. */
export function hyperparameters(rule: UpdateRule): Record<string, number> {
  const { learningRate } = rule;
  switch (rule.kind) {
    case 'sgd':
      return { learningRate, momentum: rule.momentum, weightDecay: rule.weightDecay };
    case 'adam':
      return {
        learningRate,
        ...momentNumbers(rule),
        weightDecay: rule.weightDecay,
        shrink: 1 - learningRate * rule.weightDecay,
      };
    case 'proxsgd':
      return { learningRate, ...thresholds(rule, learningRate) };
    case 'linbreg': {
      const { delta, momentum } = rule;
      return { learningRate, delta, momentum, share: 1 - momentum, ...thresholds(rule, delta) };
    }
    case 'adabreg':
      return { learningRate, delta: rule.delta, ...momentNumbers(rule), ...thresholds(rule, rule.delta) };
  }
}

/** 1 − β is taken in double precision: in single it would lose digits. */
function momentNumbers({ beta1, beta2, epsilon }: { beta1: number; beta2: number; epsilon: number }) {
  return { beta1, share1: 1 - beta1, beta2, share2: 1 - beta2, epsilon };
}

function thresholds(
  { regularizer }: Rule<'proxsgd' | 'linbreg' | 'adabreg'>,
  step: number,
): Record<string, number> {
  if (regularizer.kind === 'none') return {};
  const groupLambda = regularizer.kind === 'l1-group' ? regularizer.groupLambda : 0;
  return { threshold: step * regularizer.lambda, groupThreshold: step * groupLambda };
}

/** What else than the numbers a rule's program depends on. */
export function variantOf(rule: UpdateRule): string {
  switch (rule.kind) {
    case 'sgd':
      return `sgd ${rule.momentum > 0} ${rule.nesterov} ${rule.weightDecay !== 0}`;
    case 'adam':
      return `adam ${rule.weightDecay !== 0} ${rule.decoupled}`;
    case 'proxsgd':
    case 'adabreg':
      return `${rule.kind} ${rule.regularizer.kind}`;
    case 'linbreg':
      return `linbreg ${rule.momentum > 0} ${rule.regularizer.kind}`;
  }
}

/** Moves one parameter by one step of a rule (see `UpdateRule` for the formulas). */
export function applyRule<T>(ops: Ops<T>, parameter: Moving<T>, rule: UpdateRule, numbers: Numbers<T>): void {
  switch (rule.kind) {
    case 'sgd':
      return sgd(ops, parameter, rule, numbers);
    case 'adam':
      return adam(ops, parameter, rule, numbers);
    case 'proxsgd': {
      const move = ops.mul(parameter.gradient, numbers.learningRate);
      return parameter.moveTo(ops.sub(parameter.value, move), rule.regularizer);
    }
    case 'linbreg':
      return linBreg(ops, parameter, rule, numbers);
    case 'adabreg':
      return adaBreg(ops, parameter, rule, numbers);
  }
}

function sgd<T>(
  ops: Ops<T>,
  parameter: Moving<T>,
  { momentum, nesterov, weightDecay }: Rule<'sgd'>,
  numbers: Numbers<T>,
): void {
  const decay = weightDecay === 0 ? undefined : ops.mul(parameter.value, numbers.weightDecay);
  const g = decay === undefined ? parameter.gradient : ops.add(parameter.gradient, decay);
  const inPlace = parameter.inPlace();
  if (inPlace && momentum > 0) {
    const u = inPlace.slot('momentum');
    return ops.momentumStep(inPlace.value, u, g, numbers.learningRate, numbers.momentum, nesterov);
  }
  if (inPlace) return ops.gradientStep(inPlace.value, g, numbers.learningRate);
  let direction = g;
  if (momentum > 0) {
    const u = ops.add(ops.mul(parameter.state('momentum'), numbers.momentum), g);
    parameter.keep('momentum', u);
    direction = nesterov ? ops.add(g, ops.mul(u, numbers.momentum)) : u;
  }
  parameter.moveTo(ops.sub(parameter.value, ops.mul(direction, numbers.learningRate)));
}

function adam<T>(
  ops: Ops<T>,
  parameter: Moving<T>,
  { weightDecay, decoupled }: Rule<'adam'>,
  numbers: Numbers<T>,
): void {
  const { value } = parameter;
  const coupled = weightDecay !== 0 && !decoupled;
  const shrinks = weightDecay !== 0 && decoupled;
  const g = coupled ? ops.add(parameter.gradient, ops.mul(value, numbers.weightDecay)) : parameter.gradient;
  const direction = adamDirection(ops, parameter, g, numbers);
  const kept = shrinks ? ops.mul(value, numbers.shrink) : value;
  parameter.moveTo(ops.sub(kept, ops.mul(direction, numbers.learningRate)));
}

function linBreg<T>(
  ops: Ops<T>,
  parameter: Moving<T>,
  { momentum, regularizer }: Rule<'linbreg'>,
  numbers: Numbers<T>,
): void {
  let move = ops.mul(parameter.gradient, numbers.learningRate);
  if (momentum > 0) {
    const kept = ops.mul(parameter.state('momentum'), numbers.momentum);
    move = ops.add(kept, ops.mul(move, numbers.share));
    parameter.keep('momentum', move);
  }
  const v = ops.sub(dual(ops, parameter, numbers), move);
  parameter.keep('dual', v);
  parameter.moveTo(ops.mul(v, numbers.delta), regularizer);
}

function adaBreg<T>(
  ops: Ops<T>,
  parameter: Moving<T>,
  { regularizer }: Rule<'adabreg'>,
  numbers: Numbers<T>,
): void {
  const direction = adamDirection(ops, parameter, parameter.gradient, numbers);
  const v = ops.sub(dual(ops, parameter, numbers), ops.mul(direction, numbers.learningRate));
  parameter.keep('dual', v);
  parameter.moveTo(ops.mul(v, numbers.delta), regularizer);
}

/** Updates Adam's moments and returns m̂ / (√ŝ + ε), bias corrected by each coordinate's own count. */
function adamDirection<T>(ops: Ops<T>, parameter: Moving<T>, g: T, numbers: Numbers<T>): T {
  const mix = (old: T, beta: T, next: T, share: T) => ops.add(ops.mul(old, beta), ops.mul(next, share));
  const m = mix(parameter.state('moment1'), numbers.beta1, g, numbers.share1);
  const s = mix(parameter.state('moment2'), numbers.beta2, ops.square(g), numbers.share2);
  const t = ops.add(parameter.state('updates'), ops.constant([1], []));
  parameter.keep('moment1', m);
  parameter.keep('moment2', s);
  parameter.keep('updates', t);
  const [correction1, correction2] = parameter.corrections(t);
  return ops.div(ops.mul(m, correction1), ops.add(ops.mul(ops.sqrt(s), correction2), numbers.epsilon));
}

/** The dual variable v. Methods write it for sparse weights; everywhere else J = 0 and it is θ/δ at any time. */
function dual<T>(ops: Ops<T>, parameter: Moving<T>, { delta }: Numbers<T>): T {
  return parameter.sparse ? parameter.state('dual') : ops.div(parameter.value, delta);
}
