import { describe, expect, it } from 'vitest';
import { DrawnCurve } from '../../../../renderer/charts/drawn-curve.ts';
import { fineStepsOf } from '../../../../renderer/views/run/use-marks.ts';
import { curveOf } from '../charts/curves.ts';

const curve = (shares: number[]) =>
  new DrawnCurve(
    curveOf(
      shares.map((value, step) => ({ step, x: step, value })),
      0,
    ),
    0,
  );

describe('fineStepsOf', () => {
  it('finds the steps that needed dense gradients', () => {
    expect(fineStepsOf(curve([1, 0, 0, 0, 0.5, 0, 0, 0]))).toEqual([0, 4]);
  });

  it('marks nothing where all steps are dense, or none', () => {
    expect(fineStepsOf(curve([1, 1, 1, 1]))).toEqual([]);
    expect(fineStepsOf(curve([0, 0, 0]))).toEqual([]);
    expect(fineStepsOf(undefined)).toEqual([]);
  });

  it('marks nothing where buckets are so long that most contain a fine step', () => {
    expect(fineStepsOf(curve([1, 0, 1, 0]))).toEqual([]);
  });
});
