import { expect, it } from 'vitest';
import { LiveProgress } from '../../../../main/app/live-progress.ts';
import type { RunState } from '../../../../shared/run-state.ts';
import type { RunRow } from '../../../../shared/run-view.ts';

const row = (id: string, state: RunState, step: number, totalSteps: number | undefined = 100) =>
  ({ id, state, step, totalSteps, name: id, metrics: {} }) as RunRow;

it('tells how far runs are and when they end, at the speed since they were last started', () => {
  const progress = new LiveProgress();
  progress.update([row('a', 'running', 10)], 0);
  expect(progress.runs[0]).toMatchObject({ fraction: 0.1, etaMs: undefined });
  progress.update([row('a', 'running', 30)], 2000);
  expect(progress.runs[0]).toMatchObject({ fraction: 0.3, etaMs: 7000 });
  progress.update([row('a', 'paused', 30)], 3000);
  expect(progress.runs[0].etaMs).toBeUndefined();
  // The pause does not count as slow training.
  progress.update([row('a', 'running', 30)], 60_000);
  progress.update([row('a', 'running', 40)], 61_000);
  expect(progress.runs[0].etaMs).toBe(6000);
});

it('is the mean over runs of known length', () => {
  const progress = new LiveProgress();
  expect(progress.fraction).toBeUndefined();
  progress.update([row('a', 'running', 20), row('b', 'running', 60)], 0);
  progress.update([{ ...row('c', 'starting', 0), totalSteps: undefined }], 0);
  expect(progress.fraction).toBeCloseTo(0.4);
  progress.update([row('a', 'finished', 100)], 0);
  expect(progress.fraction).toBeCloseTo(0.6);
});

it('names the rows whose state changed', () => {
  const progress = new LiveProgress();
  expect(progress.update([row('a', 'running', 1)]).length).toBe(1);
  expect(progress.update([row('a', 'running', 2)])).toEqual([]);
  expect(progress.update([row('a', 'finished', 100)]).map(({ state }) => state)).toEqual(['finished']);
  expect(progress.runs).toEqual([]);
});
