import { createApp, effectScope, nextTick, ref } from 'vue';
import { describe, expect, it } from 'vitest';
import { DrawnCurve } from '../../../../renderer/charts/drawn-curve.ts';
import { hostKey } from '../../../../renderer/host/client.ts';
import type { ChartView } from '../../../../renderer/views/run/use-chart-view.ts';
import { fineStepsOf, useMarks } from '../../../../renderer/views/run/use-marks.ts';
import { curveOf } from '../charts/curves.ts';
import { fakeHost } from '../support/fake-host.ts';

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

describe('useMarks', () => {
  it('gives charts the same array until something was added, so that they need not draw', async () => {
    const key = 'gradients/dense';
    const points = [1, 0, 0, 0, 0, 0].map((value, step) => ({ step, x: step, value }));
    const host = fakeHost({
      'curves.read': () => ({ series: [{ ...curveOf(points, 0), runId: 'A', key }] }),
    });
    const view = { x: ref('step'), zoom: ref(), showMarks: ref(true) } as unknown as ChartView;
    const app = createApp({}).provide(hostKey, host.client);
    const scope = effectScope();
    const marks = app.runWithContext(() => scope.run(() => useMarks(() => 'A', ref(), view)))!;
    await nextTick();
    await nextTick();
    const before = marks.value;
    expect(before).toEqual([{ step: 0, kind: 'fine' }]);
    const point = (step: number, value: number) => {
      const column = Float64Array.of(step);
      const series = [{ key, steps: column, values: Float64Array.of(value), wallMs: column }];
      host.say('run.frame', { runId: 'A', frame: { type: 'scalars', series } });
    };
    point(6, 0);
    expect(marks.value).toBe(before);
    point(7, 1);
    expect(marks.value).toEqual([...before, { step: 7, kind: 'fine' }]);
    scope.stop();
  });
});
