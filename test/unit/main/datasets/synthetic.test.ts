import { expect, test } from 'vitest';
import { sparseTeacher, teacherStudent } from '../../../../main/datasets/teacher-student.ts';
import { twoMoons } from '../../../../main/datasets/two-moons.ts';
import { parseValues } from '../../../../shared/fields.ts';
import { load, refusal } from './helpers.ts';

const teacherOf = (raw: Record<string, unknown>) =>
  sparseTeacher(parseValues(teacherStudent.fields, raw, 'dataset'));

test('without noise the moons are half circles of radius 1', async () => {
  const { train, shape } = await load(twoMoons, { noise: 0, trainCount: 500 });
  expect(shape).toEqual([2, 1, 1]);
  for (let i = 0; i < train.count; i++) {
    const [x, y] = train.samples.subarray(2 * i);
    const lower = train.labels[i] === 1;
    expect(Math.hypot(x - (lower ? 1 : 0), y - (lower ? 0.5 : 0))).toBeCloseTo(1, 5);
    expect(lower ? y <= 0.5 + 1e-6 : y >= -1e-6).toBe(true);
  }
});

test('the noise has the standard deviation that was asked for', async () => {
  const settings = { trainCount: 20_000, seed: 3 };
  const [clean, noisy] = await Promise.all([0, 0.25].map((noise) => load(twoMoons, { ...settings, noise })));
  let squares = 0;
  for (let i = 0; i < noisy.train.samples.length; i++)
    squares += (noisy.train.samples[i] - clean.train.samples[i]) ** 2;
  expect(Math.sqrt(squares / noisy.train.samples.length)).toBeCloseTo(0.25, 2);
});

test.each([
  ['two-moons', twoMoons],
  ['teacher-student', teacherStudent],
])('%s: a seed fixes the data, and both splits differ', async (_, source) => {
  const identity = async (seed: number) => (await load(source, { seed })).sha256;
  expect(await identity(1)).toBe(await identity(1));
  expect(await identity(1)).not.toBe(await identity(2));
  const { train, test } = await load(source, { trainCount: 100, testCount: 100 });
  expect(train.samples).not.toEqual(test.samples);
});

test.each(['linear', 'mlp'])(
  'the %s teacher has exactly fanIn weights per unit of its first layer',
  (teacher) => {
    const layers = teacherOf({ teacher, features: 40, fanIn: 6, hidden: 7, classes: 3 });
    expect(layers.map(({ outputs, inputs }) => [outputs, inputs])).toEqual(
      teacher === 'linear'
        ? [[3, 40]]
        : [
            [7, 40],
            [3, 7],
          ],
    );
    for (let row = 0; row < layers[0].outputs; row++) {
      const weights = layers[0].weight.subarray(row * 40, (row + 1) * 40).filter((w) => w !== 0);
      expect(weights).toHaveLength(6);
      for (const w of weights)
        expect(Math.abs(w) * Math.sqrt(6)).toSatisfy((m: number) => m > 0.499 && m < 1.501);
    }
  },
);

test('labels depend on the features of the support only, and agree with the returned teacher', async () => {
  const raw = { features: 50, fanIn: 3, classes: 2, trainCount: 4000 };
  const { train } = await load(teacherStudent, raw);
  const [{ weight }] = teacherOf(raw);
  const direction = Float32Array.from({ length: 50 }, (_, j) => weight[50 + j] - weight[j]);
  const support = new Set([...direction.keys()].filter((j) => direction[j] !== 0));
  let agree = 0;
  const correlation = new Float64Array(50);
  for (let i = 0; i < train.count; i++) {
    const x = train.samples.subarray(i * 50, (i + 1) * 50) as Float32Array;
    const sign = train.labels[i] === 1 ? 1 : -1;
    if (sign * x.reduce((sum, value, j) => sum + value * direction[j], 0) > 0) agree++;
    for (let j = 0; j < 50; j++) correlation[j] += (sign * x[j]) / train.count;
  }
  // Centring moves the threshold by the sample mean, of the order of 1/√4000.
  expect(agree / train.count).toBeGreaterThan(0.96);
  // Under no dependence each entry has standard deviation 0.016; on the support it is at least 0.1.
  for (let j = 0; j < 50; j++) expect(Math.abs(correlation[j]) > 0.075).toBe(support.has(j));
});

test.each([1, 2, 3, 4])('no class of an MLP teacher swallows the others (seed %i)', async (seed) => {
  const { train } = await load(teacherStudent, {
    teacher: 'mlp',
    hidden: 64,
    classes: 5,
    trainCount: 4000,
    seed,
  });
  // 800 if all were equal; without centring the smallest class has 23 to 371 for these seeds.
  for (let label = 0; label < 5; label++) {
    expect(train.labels.filter((l) => l === label).length).toBeGreaterThan(550);
  }
});

test('noise flips some labels and leaves the features alone', async () => {
  const [clean, noisy] = await Promise.all([0, 0.5].map((noise) => load(teacherStudent, { noise })));
  expect(noisy.train.samples).toEqual(clean.train.samples);
  const flipped = noisy.train.labels.filter((label, i) => label !== clean.train.labels[i]).length;
  expect(flipped).toBeGreaterThan(100);
  expect(flipped).toBeLessThan(900);
});

test('a fan-in above the number of features is refused', async () => {
  expect(await refusal(load(teacherStudent, { features: 4, fanIn: 5 }))).toBe(
    'dataset.fanIn: 5 is more than the 4 features; expected at most that many',
  );
});
