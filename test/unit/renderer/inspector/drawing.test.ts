import { describe, expect, it } from 'vitest';
import { shortNumber } from '../../../../renderer/views/inspector/paint-matrix.ts';
import { axisTicks, largestSum } from '../../../../renderer/views/inspector/paint-strips.ts';
import { plotScale } from '../../../../renderer/views/inspector/plot-scale.ts';
import { entryName } from '../../../../renderer/views/inspector/names.ts';

describe('what is written on the matrix', () => {
  it('weights are short', () => {
    expect([0.042, -0.1, 0.001, 0.996, -1.25, 12.3].map(shortNumber)).toEqual([
      '.04',
      '−.10',
      '0',
      '1.0',
      '−1.3',
      '12',
    ]);
  });

  it('axes have round numbers that do not touch', () => {
    expect(axisTicks(0, 784, 0.5, 392, 60)).toEqual([0, 200, 400, 600]);
    expect(axisTicks(10.5, 784, 28, 200, 44)).toEqual([12, 14, 16]);
    expect(axisTicks(-20, 10, 4, 400, 44)).toEqual([0]);
  });

  it('entries are named by what they connect', () => {
    const field = { channels: 1, height: 28, width: 28 };
    expect(entryName({ output: 3, input: 30, tap: undefined }, field)).toBe('neuron 3, pixel (1, 2)');
    expect(entryName({ output: 3, input: 30, tap: undefined }, undefined)).toBe('neuron 3, input 30');
    expect(entryName({ output: 1, input: 2, tap: { y: 0, x: 1 } }, undefined)).toContain('tap (0, 1)');
  });

  it('strips are scaled to the unit with most connections', () => {
    expect(largestSum([Uint32Array.of(1, 2), Uint32Array.of(4, 1)])).toBe(5);
    expect(largestSum([Uint32Array.of(0, 0)])).toBe(1);
  });
});

describe('axes of small plots', () => {
  it('hold all values and can be read back', () => {
    const linear = plotScale([0, 7, NaN, Infinity], 'linear', [100, 0], 3);
    expect(linear.at(0)).toBe(100);
    expect(linear.at(7)).toBeGreaterThanOrEqual(0);
    expect(linear.invert(linear.at(3.3))).toBeCloseTo(3.3);
    const log = plotScale([0, 1, 1000], 'log', [0, 300], 4);
    expect([1, 10, 1000].map((value) => Math.round(log.at(value)))).toEqual([0, 100, 300]);
    expect(log.ticks).toEqual([1, 10, 100, 1000]);
    expect(Number.isFinite(log.at(0))).toBe(false);
    expect(plotScale([], 'exact', [0, 10], 2).ticks).toEqual([]);
  });
});
