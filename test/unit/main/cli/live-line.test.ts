import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LiveLine } from '../../../../main/cli/live-line.ts';
import type { RunState } from '../../../../shared/run-state.ts';
import type { RunRow } from '../../../../shared/run-view.ts';

let written = '';

beforeEach(() => {
  written = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});
afterEach(() => void vi.restoreAllMocks());

const row = (state: RunState, step: number, more: Partial<RunRow> = {}) =>
  ({
    id: 'a',
    name: 'sweep 3',
    state,
    step,
    totalSteps: 100,
    metrics: {
      'train/loss': { last: 0.5, min: 0.5, max: 2 },
      'test/accuracy': { last: 0.875, min: 0, max: 0.9 },
    },
    ...more,
  }) as RunRow;

it('on a terminal is one line that is redrawn, and goes away', () => {
  const line = new LiveLine(true);
  line.update([row('running', 25)]);
  line.update([row('running', 50)]);
  expect(written.split('\r\x1b[2K').at(-1)).toMatch(
    /^sweep 3 · 50 % · loss 0\.500 · test 87\.5 %( · ETA .*)?$/,
  );
  expect(written.match(/\n/g)?.length).toBe(1);
  line.update([row('finished', 100)]);
  expect(written.endsWith('\r\x1b[2Ksweep 3: finished · test 87.5 %\n')).toBe(true);
});

it('elsewhere is a line per change of state, with the reason of a failure', () => {
  const line = new LiveLine(false);
  for (const step of [0, 10, 20]) line.update([row('running', step)]);
  line.update([row('failed', 20, { reason: 'loss is not finite' })]);
  expect(written).toBe('sweep 3: running\nsweep 3: failed · loss is not finite\n');
});

it('is silent about runs that were over before', () => {
  const line = new LiveLine(false);
  line.update([row('finished', 100, { id: 'old' })]);
  expect(written).toBe('');
});
