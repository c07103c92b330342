import { describe, expect, it } from 'vitest';
import { LiveX } from '../../../../renderer/charts/live-x.ts';
import type { ScalarFrame } from '../../../../shared/frames.ts';

const frame = (steps: number[], flops?: number[]): ScalarFrame => ({
  type: 'scalars',
  series: flops
    ? [
        {
          key: 'flops/train',
          steps: Float64Array.from(steps),
          values: Float64Array.from(flops),
          wallMs: new Float64Array(steps.length),
        },
      ]
    : [],
});

describe('LiveX', () => {
  it('maps steps to steps and wall time to seconds', () => {
    expect(new LiveX('step', { step: 3, x: 3 }).of(frame([]))(17, 2500)).toBe(17);
    expect(new LiveX('wall', { step: 3, x: 1 }).of(frame([]))(17, 2500)).toBe(2.5);
  });

  it('learns the steps of an epoch from the newest stored point', () => {
    // Step 77 of 78 steps per epoch completes the first epoch.
    const xOf = new LiveX('epoch', { step: 77, x: 1 }).of(frame([]));
    expect(xOf(155, 0)).toBeCloseTo(2, 12);
    expect(xOf(0, 0)).toBeCloseTo(1 / 78, 12);
  });

  it('interpolates FLOPs within a frame and goes on at the newest rate', () => {
    const live = new LiveX('flops', { step: 9, x: 100 });
    const xOf = live.of(frame([19, 29], [200, 500]));
    expect(xOf(14, 0)).toBeCloseTo(150);
    expect(xOf(19, 0)).toBeCloseTo(200);
    expect(xOf(24, 0)).toBeCloseTo(350);
    expect(xOf(31, 0)).toBeCloseTo(560);
    // A frame without FLOPs goes on from the last one that had them.
    expect(live.of(frame([]))(39, 0)).toBeCloseTo(800);
  });

  it('does not go back for FLOPs that the query already contained', () => {
    const live = new LiveX('flops', { step: 9, x: 100 });
    expect(live.of(frame([5, 9], [60, 100]))(9, 0)).toBeCloseTo(100);
  });
});
