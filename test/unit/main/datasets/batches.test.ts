import { expect, test } from 'vitest';
import { BatchLoader, evaluationBatches, type BatchLoaderState } from '../../../../main/datasets/batches.ts';
import type { Split } from '../../../../main/datasets/dataset.ts';
import { Random } from '../../../../shared/random.ts';

const shape = [2, 4, 4] as const;

/** Sample i is filled with i, and i is its label. */
function numbered(count: number, Samples: typeof Uint8Array | typeof Float32Array = Uint8Array): Split {
  const samples = new Samples(count * 32).map((_, at) => Math.floor(at / 32)) as Split['samples'];
  return { samples, labels: Int32Array.from({ length: count }, (_, i) => i), count };
}

function loaderOf(split: Split, batchSize: number, augmentation = {}): BatchLoader {
  const [random, augmentationRandom] = [new Random(1, 'shuffle'), new Random(1, 'augment')];
  return new BatchLoader(split, { batchSize, shape, random, augmentation, augmentationRandom });
}

/** Copies of the next batches as plain text, labels first. */
const take = (loader: BatchLoader, batches: number): string[] =>
  Array.from({ length: batches }, () => {
    const { labels, samples } = loader.next();
    return `${labels.join()} ${samples.join()}`;
  });

test('every epoch brings whole batches of distinct samples in a new order', () => {
  const loader = loaderOf(numbered(10), 3);
  const orders: string[] = [];
  for (let epoch = 0; epoch < 4; epoch++) {
    const seen: number[] = [];
    for (let i = 0; i < 3; i++) {
      seen.push(...loader.next().labels);
      expect(loader.epoch).toBe(epoch);
      expect(loader.position).toBe(3 * (i + 1));
    }
    expect(new Set(seen).size).toBe(9);
    orders.push(seen.join());
  }
  expect(new Set(orders).size).toBe(4);
});

test.each([
  ['bytes', Uint8Array],
  ['floats', Float32Array],
] as const)('rows and labels stay together (%s)', (_, Samples) => {
  const { samples, labels, size } = loaderOf(numbered(50, Samples), 8).next();
  expect(samples).toBeInstanceOf(Samples);
  expect(size).toBe(8);
  for (let i = 0; i < size; i++) {
    expect(new Set(samples.subarray(i * 32, (i + 1) * 32))).toEqual(new Set([labels[i]]));
  }
});

test('a split that is a view into a larger buffer is read from its own start', () => {
  const whole = numbered(20, Float32Array);
  const split = { samples: whole.samples.subarray(10 * 32), labels: whole.labels.subarray(10), count: 10 };
  const { samples, labels } = loaderOf(split, 4).next();
  for (let i = 0; i < 4; i++) expect(samples[i * 32]).toBe(labels[i]);
});

test('the buffers are reused', () => {
  const loader = loaderOf(numbered(10), 3);
  const first = loader.next();
  expect(loader.next()).toBe(first);
});

test('the same seeds give the same batches, another seed others', () => {
  const split = numbered(40);
  const augmentation = { cropPadding: 1, horizontalFlip: true, cutoutSize: 2 };
  const reference = take(loaderOf(split, 8, augmentation), 12);
  expect(take(loaderOf(split, 8, augmentation), 12)).toEqual(reference);
  const other = new BatchLoader(split, { batchSize: 8, shape, random: new Random(2, 'shuffle') });
  expect(take(other, 1)[0]).not.toBe(take(loaderOf(split, 8), 1)[0]);
});

test.each([0, 1, 4, 5, 6, 13])('continues bit for bit after %i batches', (before) => {
  const split = numbered(43);
  const augmentation = { cropPadding: 1, horizontalFlip: true, cutoutSize: 2 };
  const original = loaderOf(split, 8, augmentation);
  take(original, before);
  const saved = JSON.parse(JSON.stringify(original.save())) as BatchLoaderState;
  const expected = take(original, 12);

  const resumed = new BatchLoader(split, {
    batchSize: 8,
    shape,
    random: new Random(99),
    augmentation,
    augmentationRandom: new Random(98),
  });
  take(resumed, 3);
  resumed.restore(saved);
  expect([resumed.epoch, resumed.position]).toEqual([saved.epoch, saved.position]);
  expect(take(resumed, 12)).toEqual(expected);
});

test('the training split is never written to', () => {
  const split = numbered(16);
  const before = split.samples.slice();
  take(loaderOf(split, 8, { cropPadding: 2, horizontalFlip: true, cutoutSize: 3 }), 6);
  expect(split.samples).toEqual(before);
});

test('a batch larger than the split is refused', () => {
  expect(() => loaderOf(numbered(10), 11)).toThrow('training.batchSize: 11 is not an integer from 1 to 10');
  expect(() => loaderOf(numbered(10), 0)).toThrow('training.batchSize: 0');
});

test('evaluation sees every sample once, in order, with a smaller last batch', () => {
  const split = numbered(10);
  const batches = [...evaluationBatches(split, 4)];
  expect(batches.map((batch) => batch.size)).toEqual([4, 4, 2]);
  expect(batches.flatMap((batch) => [...batch.labels])).toEqual([...split.labels]);
  expect(batches[2].samples).toEqual(split.samples.slice(8 * 32));
});
