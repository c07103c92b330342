import type { Regularizer, UpdateOptions, UpdateRule } from '../backend.ts';
import type { Parameter } from './parameter.ts';
import { prox } from './prox.ts';

type Rule<K extends UpdateRule['kind']> = Extract<UpdateRule, { kind: K }>;

interface Step {
  scope: UpdateOptions['scope'];
  /** g of coordinate i, already scaled. */
  gradient(i: number): number;
}

/** Moves one parameter by one step of a rule (see `UpdateRule` for the formulas). */
export function applyRule(parameter: Parameter, rule: UpdateRule, options: UpdateOptions): void {
  const scale = options.gradientScale ?? 1;
  const step: Step = { scope: options.scope, gradient: (i) => scale * parameter.gradient[i] };
  switch (rule.kind) {
    case 'sgd':
      sgd(parameter, rule, step);
      break;
    case 'adam':
      adam(parameter, rule, step);
      break;
    case 'proxsgd':
      proxSgd(parameter, rule, step);
      break;
    case 'linbreg':
      linBreg(parameter, rule, step);
      break;
    case 'adabreg':
      adaBreg(parameter, rule, step);
      break;
  }
  if (options.reselect) parameter.reselect();
  else parameter.zeroMasked();
}

function sgd(parameter: Parameter, rule: Rule<'sgd'>, { scope, gradient }: Step): void {
  const { learningRate, momentum, nesterov, weightDecay } = rule;
  const { value } = parameter;
  const u = momentum > 0 ? parameter.slot('momentum') : undefined;
  parameter.forEach(scope, (i) => {
    const g = gradient(i) + weightDecay * value[i];
    let direction = g;
    if (u) {
      u[i] = momentum * u[i] + g;
      direction = nesterov ? g + momentum * u[i] : u[i];
    }
    value[i] -= learningRate * direction;
  });
}

function adam(parameter: Parameter, rule: Rule<'adam'>, { scope, gradient }: Step): void {
  const { learningRate, weightDecay, decoupled } = rule;
  const { value } = parameter;
  const direction = adamDirection(parameter, rule);
  parameter.forEach(scope, (i) => {
    const decayed = decoupled ? value[i] * (1 - learningRate * weightDecay) : value[i];
    const g = gradient(i) + (decoupled ? 0 : weightDecay * value[i]);
    value[i] = decayed - learningRate * direction(i, g);
  });
}

function proxSgd(parameter: Parameter, rule: Rule<'proxsgd'>, { scope, gradient }: Step): void {
  const { learningRate } = rule;
  const { value } = parameter;
  proximalPoint(
    parameter,
    rule.regularizer,
    scope,
    learningRate,
    (i) => value[i] - learningRate * gradient(i),
  );
}

function linBreg(parameter: Parameter, rule: Rule<'linbreg'>, { scope, gradient }: Step): void {
  const { learningRate, delta, momentum, regularizer } = rule;
  const v = dual(parameter, delta);
  const u = momentum > 0 ? parameter.slot('momentum') : undefined;
  parameter.forEach(scope, (i) => {
    let move = learningRate * gradient(i);
    if (u) move = u[i] = momentum * u[i] + (1 - momentum) * move;
    v[i] -= move;
  });
  proximalPoint(parameter, regularizer, scope, delta, (i) => delta * v[i]);
}

function adaBreg(parameter: Parameter, rule: Rule<'adabreg'>, { scope, gradient }: Step): void {
  const { learningRate, delta, regularizer } = rule;
  const v = dual(parameter, delta);
  const direction = adamDirection(parameter, rule);
  parameter.forEach(scope, (i) => {
    v[i] -= learningRate * direction(i, gradient(i));
  });
  proximalPoint(parameter, regularizer, scope, delta, (i) => delta * v[i]);
}

/** Updates Adam's moments of a coordinate and returns m̂/(√ŝ + ε), bias corrected by the coordinate's own count. */
function adamDirection(
  parameter: Parameter,
  { beta1, beta2, epsilon }: { beta1: number; beta2: number; epsilon: number },
): (i: number, g: number) => number {
  const m = parameter.slot('moment1');
  const s = parameter.slot('moment2');
  const updates = parameter.slot('updates');
  return (i, g) => {
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    s[i] = beta2 * s[i] + (1 - beta2) * g * g;
    const t = (updates[i] += 1);
    return m[i] / (1 - beta1 ** t) / (Math.sqrt(s[i] / (1 - beta2 ** t)) + epsilon);
  };
}

/** The dual variable v. Methods write it for sparse weights; everywhere else J = 0 and it is θ/δ at any time. */
function dual(parameter: Parameter, delta: number): Float32Array {
  const v = parameter.slot('dual');
  if (!parameter.info.sparse) {
    for (let i = 0; i < v.length; i++) v[i] = parameter.value[i] / delta;
  }
  return v;
}

/** θ ← prox_{sJ}(point) on the coordinates of the scope; J = 0 for all but the sparse weights. */
function proximalPoint(
  parameter: Parameter,
  regularizer: Regularizer,
  scope: UpdateOptions['scope'],
  s: number,
  point: (i: number) => number,
): void {
  const x = new Float64Array(parameter.info.size);
  parameter.forEach(scope, (i) => {
    x[i] = point(i);
  });
  if (parameter.info.sparse) prox(x, regularizer, parameter.info.shape, s);
  parameter.forEach(scope, (i) => {
    parameter.value[i] = x[i];
  });
}
