import { describe, expect, it } from 'vitest';
import { binaryStep, exactAxis, logAxis, niceAxis, timeStep } from '../../../shared/ticks.ts';

describe('niceAxis', () => {
  it('widens to round values', () => {
    expect(niceAxis(0.13, 0.97, 5)).toEqual({ min: 0, max: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] });
  });

  it('gives a flat line room on both sides', () => {
    const { min, max, ticks } = niceAxis(0.01, 0.01, 4);
    expect([min, max]).toEqual([0.009, 0.011]);
    expect(ticks).toContain(0.009);
    expect(min).toBeLessThan(0.01);
    expect(max).toBeGreaterThan(0.01);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(niceAxis(0, 0, 4).min).toBeLessThan(0);
  });

  it('survives having no values', () => {
    expect(niceAxis(Infinity, -Infinity, 4)).toEqual({ min: 0, max: 1, ticks: [0, 1] });
  });

  it('labels bytes at powers of two', () => {
    const MiB = 2 ** 20;
    expect(niceAxis(0, 150 * MiB, 5, binaryStep).ticks.map((tick) => tick / MiB)).toEqual([
      0, 32, 64, 96, 128, 160,
    ]);
  });
});

describe('exactAxis', () => {
  it('keeps its range and puts labels inside it', () => {
    const { min, max, ticks } = exactAxis(7, 31_199, 4);
    expect([min, max]).toEqual([7, 31_199]);
    expect(ticks).toEqual([10_000, 20_000, 30_000]);
  });

  it('steps in minutes and hours on a time axis', () => {
    expect(exactAxis(0, 200, 5, timeStep).ticks).toEqual([0, 60, 120, 180]);
    expect(exactAxis(0, 7200, 4, timeStep).ticks).toEqual([0, 1800, 3600, 5400, 7200]);
  });
});

describe('logAxis', () => {
  it('labels decades over a wide range and 1-2-5 over a narrow one', () => {
    expect(logAxis(-3, 2, 5).ticks).toEqual([-3, -2, -1, 0, 1, 2]);
    expect(logAxis(0, 1, 5).ticks.map((t) => Math.round(10 ** t))).toEqual([1, 2, 5, 10]);
  });

  it.each([
    [0, 0],
    [-0.01, 0.01],
    [2.3, 2.31],
    [5, 5.4],
  ])('has at least two labels between 10^%s and 10^%s', (min, max) => {
    const axis = logAxis(min, max, 5);
    expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
    for (const tick of axis.ticks) expect(tick >= axis.min && tick <= axis.max).toBe(true);
  });
});
