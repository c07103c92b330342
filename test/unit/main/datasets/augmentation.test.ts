import { expect, test } from 'vitest';
import { augment, checkAugmentation, type Augmentation } from '../../../../main/datasets/augmentation.ts';
import { Random } from '../../../../shared/random.ts';

const none: Augmentation = { cropPadding: 0, horizontalFlip: false, cutoutSize: 0 };
const [channels, height, width] = [3, 6, 5];
const area = height * width;
const stride = channels * area;
const shape = [channels, height, width] as const;

/** No pixel is 0, so that blanked ones can be told apart. */
function original(size: number): Uint8Array {
  return Uint8Array.from({ length: size * stride }, (_, i) => 1 + ((i * 7) % 255));
}

/** One plane as rows. */
const plane = (samples: ArrayLike<number>, sample: number, channel: number): number[][] =>
  Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => samples[sample * stride + channel * area + y * width + x]),
  );

/** What a crop at this offset of the zero-padded plane shows, by definition. */
const cropped = (rows: number[][], dy: number, dx: number): number[][] =>
  rows.map((row, y) => row.map((_, x) => rows[y - dy]?.[x - dx] ?? 0));

test('every crop is a window of the padded image, the same for all channels, and all offsets occur', () => {
  const size = 600;
  const before = original(size);
  const after = before.slice();
  augment(after, size, shape, { ...none, cropPadding: 2 }, new Random(1));
  const counts = new Map<string, number>();
  for (let sample = 0; sample < size; sample++) {
    const offsets: string[] = [];
    for (let dy = -2; dy <= 2; dy++) {
      for (let dx = -2; dx <= 2; dx++) {
        const expected = (channel: number) => cropped(plane(before, sample, channel), dy, dx);
        const matches = [0, 1, 2].every(
          (channel) => JSON.stringify(plane(after, sample, channel)) === JSON.stringify(expected(channel)),
        );
        if (matches) offsets.push(`${dy},${dx}`);
      }
    }
    expect(offsets).toHaveLength(1);
    counts.set(offsets[0], (counts.get(offsets[0]) ?? 0) + 1);
  }
  expect(counts.size).toBe(25);
  // 24 expected per offset, standard deviation 4.8.
  for (const count of counts.values()) expect(Math.abs(count - 24)).toBeLessThan(22);
});

test('a flip mirrors all channels of about half of the images', () => {
  const size = 400;
  const before = original(size);
  const after = before.slice();
  augment(after, size, shape, { ...none, horizontalFlip: true }, new Random(2));
  let flipped = 0;
  for (let sample = 0; sample < size; sample++) {
    const isFlipped = after[sample * stride] !== before[sample * stride];
    if (isFlipped) flipped++;
    for (let channel = 0; channel < channels; channel++) {
      const rows = plane(before, sample, channel);
      expect(plane(after, sample, channel)).toEqual(isFlipped ? rows.map((row) => row.toReversed()) : rows);
    }
  }
  // Standard deviation 10.
  expect(Math.abs(flipped - 200)).toBeLessThan(45);
});

test('cutout blanks one square around a pixel of the image, cut off at the border, and nothing else', () => {
  const size = 300;
  const side = 3;
  const before = original(size);
  const after = before.slice();
  augment(after, size, shape, { ...none, cutoutSize: side }, new Random(3));
  const corners = new Set<string>();
  for (let sample = 0; sample < size; sample++) {
    const blank = plane(after, sample, 0).flatMap((row, y) =>
      row.flatMap((v, x) => (v === 0 ? [{ y, x }] : [])),
    );
    const ys = blank.map((p) => p.y);
    const xs = blank.map((p) => p.x);
    const [top, bottom, left, right] = [Math.min(...ys), Math.max(...ys), Math.min(...xs), Math.max(...xs)];
    corners.add(`${top},${left},${bottom},${right}`);
    expect(bottom - top + 1).toBe(Math.min(side, top === 0 ? bottom + 1 : height - top));
    expect(right - left + 1).toBe(Math.min(side, left === 0 ? right + 1 : width - left));
    expect(blank).toHaveLength((bottom - top + 1) * (right - left + 1));
    for (let channel = 0; channel < channels; channel++) {
      const rows = plane(before, sample, channel);
      const expected = rows.map((row, y) =>
        row.map((v, x) => (y >= top && y <= bottom && x >= left && x <= right ? 0 : v)),
      );
      expect(plane(after, sample, channel)).toEqual(expected);
    }
  }
  const possible = Array.from({ length: area }, (_, i) => [Math.floor(i / width), i % width]).map(
    ([y, x]) =>
      `${Math.max(0, y - 1)},${Math.max(0, x - 1)},${Math.min(height - 1, y + 1)},${Math.min(width - 1, x + 1)}`,
  );
  expect(corners).toEqual(new Set(possible));
});

test('bytes and floats are augmented alike', () => {
  const all = { cropPadding: 2, horizontalFlip: true, cutoutSize: 2 };
  const bytes = original(20);
  const floats = Float32Array.from(bytes);
  augment(bytes, 20, shape, all, new Random(4));
  augment(floats, 20, shape, all, new Random(4));
  expect([...floats]).toEqual([...bytes]);
});

test('only the first `size` samples change', () => {
  const before = original(4);
  const after = before.slice();
  augment(after, 2, shape, { ...none, cutoutSize: 5 }, new Random(5));
  expect(after.subarray(2 * stride)).toEqual(before.subarray(2 * stride));
  expect(after.subarray(0, stride)).not.toEqual(before.subarray(0, stride));
});

test('augmentation that does not fit the samples is refused by name', () => {
  expect(() => checkAugmentation({ ...none, horizontalFlip: true }, [30, 1, 1])).toThrow(
    'augmentation.horizontalFlip: the samples are vectors of 30 features',
  );
  expect(() => checkAugmentation({ ...none, cutoutSize: 9 }, [1, 8, 8])).toThrow(
    'augmentation.cutoutSize: 9 is too large',
  );
  expect(() => checkAugmentation({ ...none, cropPadding: 8 }, [1, 8, 8])).toThrow('at most 7');
  expect(() => checkAugmentation(none, [30, 1, 1])).not.toThrow();
});
