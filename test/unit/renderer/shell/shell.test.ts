import { describe, expect, it } from 'vitest';
import type { RunRow } from '../../../../shared/run-view.ts';
import { titleOf } from '../../../../renderer/shell/document-title.ts';
import { EtaEstimator } from '../../../../renderer/shell/eta.ts';
import { endMessage } from '../../../../renderer/shell/notifications.ts';
import { runsNow } from '../../../../renderer/shell/run-progress.ts';
import { tokenIn } from '../../../../renderer/shell/token.ts';

const row = (id: string, more: Partial<RunRow> = {}): RunRow =>
  ({ id, name: `run ${id}`, state: 'running', step: 0, totalSteps: 1000, metrics: {}, ...more }) as RunRow;
const rowsOf = (...rows: RunRow[]) => new Map(rows.map((r) => [r.id, r]));

describe('time left', () => {
  const observed = (...points: [timeMs: number, step: number, state?: RunRow['state']][]) => {
    const estimator = new EtaEstimator();
    for (const [timeMs, step, state] of points)
      estimator.observe(row('a', { step, state: state ?? 'running' }), timeMs);
    return estimator.remainingMs(row('a', { step: points.at(-1)![1] }));
  };

  it('follows the speed of the steps', () => expect(observed([0, 100], [2000, 200])).toBe(16_000));
  it('is not known from one look, nor from a blink', () => {
    expect(observed([0, 100])).toBeUndefined();
    expect(observed([0, 100], [200, 120])).toBeUndefined();
  });
  it('does not count a pause', () =>
    expect(observed([0, 100], [1000, 200], [60_000, 200, 'paused'], [90_000, 200], [92_000, 400])).toBe(
      6000,
    ));
  it('begins anew after a resume from a checkpoint', () =>
    expect(observed([0, 500], [1000, 600], [2000, 100], [4000, 300])).toBe(7000));
  it('forgets how fast it was long ago', () =>
    expect(observed([0, 0], [1000, 500], [40_000, 510], [60_000, 520], [80_000, 530])).toBe(940_000));
  it('grows while no step comes', () =>
    expect(observed([0, 100], [2000, 200], [20_000, 200])!).toBeGreaterThan(16_000));
  it('is not known without a number of steps', () => {
    const estimator = new EtaEstimator();
    estimator.observe(row('a', { step: 1 }), 0);
    estimator.observe(row('a', { step: 100 }), 5000);
    expect(estimator.remainingMs(row('a', { step: 100, totalSteps: undefined }))).toBeUndefined();
  });
});

describe('title of the window', () => {
  const queue = { active: ['b'], waiting: [] };
  const rows = rowsOf(row('a', { state: 'finished', step: 1000 }), row('b', { step: 437 }));
  it('is the view with the progress of the run that trains', () =>
    expect(titleOf({ name: 'runs', params: {} }, rows, queue)).toBe('43 % · Runs · Filigree'));
  it('is the run in view, with its own progress only', () => {
    expect(titleOf({ name: 'run', params: { id: 'b' } }, rows, queue)).toBe('43 % · run b · Filigree');
    expect(titleOf({ name: 'masks', params: { id: 'a' } }, rows, queue)).toBe('Masks of run a · Filigree');
  });
  it('is never empty', () =>
    expect(titleOf({ params: {} }, new Map(), { active: [], waiting: [] })).toBe('Filigree'));
});

it('runs of now: the queue in its order, runs of other processes between, each once, none that is gone', () => {
  const rows = rowsOf(
    row('a'),
    row('b'),
    row('other'),
    row('w', { state: 'queued' }),
    row('old', { state: 'finished' }),
  );
  const now = runsNow(rows, { active: ['b', 'a'], waiting: ['w', 'gone'] });
  expect(now.map(({ id }) => id)).toEqual(['b', 'a', 'other', 'w']);
});

describe('what is said when a run ends', () => {
  it('names the result', () => {
    const metrics = { 'test/accuracy': { last: 0.9341, min: 0, max: 0.95 } };
    const message = endMessage(row('a', { state: 'finished', metrics }))!;
    expect(message).toMatchObject({ title: 'run a finished', tone: 'good' });
    expect(message.body.replace('\u00a0', ' ')).toBe('Test accuracy 93.41 %');
  });
  it('names the reason', () =>
    expect(endMessage(row('a', { state: 'failed', reason: 'out of memory' }))).toEqual({
      title: 'run a failed',
      body: 'out of memory',
      tone: 'bad',
    }));
  it('says nothing about what the user stopped', () =>
    expect(endMessage(row('a', { state: 'stopped' }))).toBeUndefined());
});

describe('a pasted link', () => {
  it.each([
    ['http://127.0.0.1:7331/#token=abc-DEF_123', 'abc-DEF_123'],
    ['  http://127.0.0.1:7331/#token=abc&to=%2Fruns ', 'abc'],
    ['0123456789abcdef0123456789abcdef', '0123456789abcdef0123456789abcdef'],
    ['http://127.0.0.1:7331/', undefined],
    ['hello', undefined],
    ['', undefined],
  ])('%j has the token %s', (text, token) => expect(tokenIn(text)).toBe(token));
});
