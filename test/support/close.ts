import { expect } from 'vitest';

/** The largest deviation, relative to the largest magnitude of what was expected. */
export function deviation(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let scale = 0;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]));
    const difference = Math.abs(actual[i] - expected[i]);
    // NaN on one side only is the largest deviation of all.
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
  }
  return worst === 0 ? 0 : worst / scale;
}

/** Expects two tensors to agree within `tolerance` of the expected tensor's scale. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = 'tensor',
): void {
  expect(deviation(actual, expected), `deviation of ${what}`).toBeLessThanOrEqual(tolerance);
}
