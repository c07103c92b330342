import { describe, expect, test } from 'vitest';
import { FlopsMeter, inferenceFlops, totalFlops, trainingFlops } from '../../../../main/flops/count.ts';
import { predictFlops } from '../../../../main/flops/predict.ts';
import { methodById } from '../../../../main/methods/registry.ts';
import { parseValues } from '../../../../shared/fields.ts';

/** A convolution with 4 x 4 output positions, its bias, and a linear layer. */
const parameters = [
  { name: 'conv.weight', role: 'weight', size: 100, macsPerWeight: 16 },
  { name: 'conv.bias', role: 'bias', size: 10, macsPerWeight: 0 },
  { name: 'fc.weight', role: 'weight', size: 1000, macsPerWeight: 1 },
] as const;
const dense = (name: string) => parameters.find((p) => p.name === name)!.size;
const half = (name: string) => (name.endsWith('.weight') ? dense(name) / 2 : dense(name));
const fD = 2 * (100 * 16 + 1000);
const fS = fD / 2;
const total = (...args: Parameters<typeof trainingFlops>) => totalFlops(trainingFlops(...args));

describe('FLOPs of one sample', () => {
  test('weigh convolutions by output positions and count a MAC as two', () => {
    expect(inferenceFlops(parameters)).toBe(fD);
    expect(inferenceFlops(parameters, (name) => (name === 'conv.weight' ? 25 : 100))).toBe(
      2 * (25 * 16 + 100),
    );
  });

  test('follow the conventions: 3 f_D, 2 f_S + f_D, 3 f_S', () => {
    expect(total(parameters, dense, 'dense', 'paper')).toBe(3 * fD);
    expect(total(parameters, half, 'dense', 'paper')).toBe(2 * fS + fD);
    expect(total(parameters, half, 'support', 'paper')).toBe(3 * fS);
  });

  test('exactly, leave out the input gradient of the first layer', () => {
    const first = 2 * 1600;
    expect(total(parameters, dense, 'dense', 'exact')).toBe(3 * fD - first);
    expect(total(parameters, half, 'support', 'exact')).toBe(3 * fS - first / 2);
  });
});

describe('FlopsMeter', () => {
  test('accumulates over samples and batches, relative to dense training on the same samples', () => {
    const meter = new FlopsMeter(parameters);
    expect(meter.percentOfDense('paper')).toBe(0);
    meter.add({ gradients: 'support', batches: 1 }, 8, half);
    meter.add({ gradients: 'dense', batches: 4 }, 8, half);
    expect(meter.training).toBe(8 * 3 * fS + 32 * (2 * fS + fD));
    expect(meter.percentOfDense('paper')).toBeCloseTo(
      (100 * (8 * 3 * fS + 32 * (2 * fS + fD))) / (40 * 3 * fD),
      10,
    );
    expect(meter.inferenceShare(half)).toBe(0.5);
    expect(meter.averageActive).toBe(50 + 10 + 500);
  });

  test('averages active parameters over samples', () => {
    const meter = new FlopsMeter(parameters);
    meter.add({ gradients: 'support', batches: 1 }, 10, dense);
    meter.add({ gradients: 'support', batches: 3 }, 10, half);
    expect(meter.averageActive).toBe((1110 + 3 * 560) / 4);
  });

  test('goes on after a checkpoint as if nothing had happened', () => {
    const [straight, before, after] = [0, 0, 0].map(() => new FlopsMeter(parameters));
    const plan = { gradients: 'dense', batches: 2 } as const;
    for (const meter of [straight, before]) meter.add(plan, 3, half);
    after.restore(JSON.parse(JSON.stringify(before.save())));
    for (const meter of [straight, after]) meter.add(plan, 3, dense);
    expect(after.save()).toEqual(straight.save());
    expect(after.percentOfDense('exact')).toBe(straight.percentOfDense('exact'));
  });
});

describe('prediction from the plans', () => {
  const horizon = { totalSteps: 2000, stepsPerEpoch: 100 };
  const predict = (id: string, raw: Record<string, unknown>, density = 0.5) => {
    const method = methodById(id);
    return predictFlops(parameters, method, parseValues(method.fields, raw, 'method'), horizon, 4, (name) =>
      name.endsWith('.weight') ? density : 1,
    );
  };

  test.each([0, 1, 9, 99])('ML-LinBreg with m = %i costs (3 m f_S + 2 f_S + f_D)/(m + 1) per sample', (m) => {
    const cycle = (3 * m * fS + 2 * fS + fD) / (m + 1);
    const { training, percentOfDense, denseStepShare } = predict('ml-linbreg', { coarseSteps: m });
    expect(training).toBeCloseTo(4 * 2000 * cycle, 3);
    expect(percentOfDense.paper).toBeCloseTo((100 * cycle) / (3 * fD), 9);
    expect(denseStepShare).toBeCloseTo(1 / (m + 1), 12);
  });

  test('LinBreg costs 2 f_S + f_D, and m = 0 is the same', () => {
    expect(predict('linbreg', {}).training).toBe(4 * 2000 * (2 * fS + fD));
    expect(predict('ml-linbreg', { coarseSteps: 0 })).toEqual(predict('linbreg', {}));
  });

  test('RigL pays 2 f_S + f_D at t mod ΔT = 0 with 0 < t < T_end, 3 f_S otherwise', () => {
    const updates = 14; // t = 100 ... 1400 of 2000 steps, T_end = 0.75 T = 1500
    const { training } = predict('rigl', { updateInterval: 100, updateEnd: 0.75 });
    expect(training).toBeCloseTo(4 * (updates * (2 * fS + fD) + (2000 - updates) * 3 * fS), 3);
    const interval = 100;
    const bound = (3 * interval * fS + 2 * fS + fD) / (interval + 1);
    expect(training / (4 * 2000)).toBeLessThan(bound);
  });

  test('accumulated fine steps count every batch, against dense training on as many samples', () => {
    const { training, percentOfDense } = predict('ml-linbreg', { coarseSteps: 9, fineBatches: 8 });
    const spent = 200 * 8 * (2 * fS + fD) + 1800 * 3 * fS;
    expect(training).toBeCloseTo(4 * spent, 3);
    expect(percentOfDense.paper).toBeCloseTo((100 * spent) / (3 * fD * (200 * 8 + 1800)), 9);
  });

  test('SET and static cost 3 f_S, dense methods 3 f_D', () => {
    for (const id of ['set', 'static']) expect(predict(id, {}).training).toBe(4 * 2000 * 3 * fS);
    for (const id of ['sgd', 'adam', 'adamw']) expect(predict(id, {}, 1).percentOfDense.paper).toBe(100);
  });

  test('a run too long to judge step by step is judged by a sample, in little time', () => {
    const method = methodById('rigl');
    const values = parseValues(method.fields, { updateInterval: 100, updateEnd: 1 }, 'method');
    const long = { totalSteps: 50_000_000, stepsPerEpoch: 1000 };
    const started = performance.now();
    const { denseStepShare } = predictFlops(parameters, method, values, long, 4, () => 0.5);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(denseStepShare).toBeGreaterThan(0.009);
    expect(denseStepShare).toBeLessThan(0.011);
  });
});
