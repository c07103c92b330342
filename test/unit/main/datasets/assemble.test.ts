import { expect, test } from 'vitest';
import { assembleDataset, normalizationOf } from '../../../../main/datasets/assemble.ts';
import type { Split } from '../../../../main/datasets/dataset.ts';

function split(samples: Uint8Array | Float32Array, labels: number[]): Split {
  return { samples, labels: Int32Array.from(labels), count: labels.length };
}

/** Two samples of two channels of 1 × 2. */
const bytes = Uint8Array.of(1, 3, 100, 100, 5, 7, 100, 100);

const assemble = (train: Split, test: Split, classNames = ['a', 'b']) =>
  assembleDataset({ id: 'x', title: 'X', shape: [2, 1, 2], classNames, train, test, origin: 'generated' });

test.each([
  ['bytes', bytes],
  ['floats', Float32Array.from(bytes)],
])(
  'channels get zero mean and unit variance by themselves; a constant one is only centred (%s)',
  (_, samples) => {
    const { scale, shift } = normalizationOf(split(samples, [0, 1]), [2, 1, 2]);
    // Channel 0 holds 1, 3, 5, 7: mean 4, variance 5.
    expect(scale[0]).toBeCloseTo(1 / Math.sqrt(5), 12);
    expect(shift[0]).toBeCloseTo(-4 / Math.sqrt(5), 12);
    expect(scale[1]).toBe(1);
    expect(shift[1]).toBe(-100);
  },
);

test('the identity covers samples and labels of both splits', () => {
  const reference = assemble(split(bytes, [0, 1]), split(bytes, [0, 1])).sha256;
  expect(assemble(split(bytes.slice(), [0, 1]), split(bytes, [0, 1])).sha256).toBe(reference);
  const others = [
    assemble(split(bytes.with(0, 2), [0, 1]), split(bytes, [0, 1])),
    assemble(split(bytes, [1, 0]), split(bytes, [0, 1])),
    assemble(split(bytes, [0, 1]), split(bytes.with(7, 2), [0, 1])),
    assemble(split(bytes, [0, 1]), split(bytes, [0, 0])),
  ];
  expect(new Set([reference, ...others.map((dataset) => dataset.sha256)]).size).toBe(5);
});

test('empty splits, labels outside the classes and classes without training samples are named', () => {
  const whole = split(bytes, [0, 1]);
  expect(() => assemble(whole, split(new Uint8Array(0), []))).toThrow('X, test split: no samples');
  expect(() => assemble(whole, split(bytes, [0, 2]))).toThrow(
    'X, test split: sample 1 has label 2; expected 0 to 1',
  );
  expect(() => assemble(split(bytes, [0, -1]), whole)).toThrow('X, training split: sample 1 has label -1');
  expect(() => assemble(split(bytes, [0, 0]), whole)).toThrow('X: class b has no training samples');
});
