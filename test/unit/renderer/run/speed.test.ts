import { describe, expect, it } from 'vitest';
import { speedOf } from '../../../../renderer/views/run/use-run.ts';
import type { ScalarFrame } from '../../../../shared/frames.ts';

function frame(values: Record<string, number>): ScalarFrame {
  const series = Object.entries(values).map(([key, value]) => ({
    key,
    steps: Float64Array.of(1),
    values: Float64Array.of(value),
    wallMs: Float64Array.of(1),
  }));
  return { type: 'scalars', series };
}

describe('speedOf', () => {
  it('adds up the parts of a step', () => {
    const speed = speedOf(
      frame({ 'throughput/samplesPerSecond': 1000, 'time/forward': 2, 'time/backward': 3, 'time/data': 1 }),
      undefined,
    );
    expect(speed).toEqual({ samplesPerSecond: 1000, stepMs: 6 });
  });

  it('counts a pass that is not told apart', () => {
    const times = { 'time/pass': 5, 'time/update': 1 };
    const speed = speedOf(frame({ 'throughput/samplesPerSecond': 1000, ...times }), undefined);
    expect(speed!.stepMs).toBe(6);
  });

  it('follows slowly', () => {
    const before = { samplesPerSecond: 1000, stepMs: 10 };
    const after = speedOf(frame({ 'throughput/samplesPerSecond': 2000, 'time/forward': 20 }), before)!;
    expect(after.samplesPerSecond).toBeCloseTo(1200);
    expect(after.stepMs).toBeCloseTo(12);
  });

  it('knows nothing from a frame without times', () => {
    expect(speedOf(frame({ density: 0.1 }), undefined)).toBeUndefined();
  });
});
