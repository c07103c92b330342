import { expect, test } from 'vitest';
import {
  canTransition,
  isEnd,
  isLive,
  runStates,
  statesAfter,
  type RunState,
} from '../../../shared/run-state.ts';

const path = (...states: RunState[]) => states.slice(1).every((state, i) => canTransition(states[i], state));

test('the lives a run can have', () => {
  expect(path('draft', 'queued', 'starting', 'running', 'paused', 'running', 'finished')).toBe(true);
  expect(path('running', 'stopping', 'stopped', 'queued', 'starting')).toBe(true);
  expect(path('running', 'lost', 'queued')).toBe(true);
  expect(path('paused', 'stopping', 'failed')).toBe(true);
});

test.each<[RunState, RunState]>([
  ['draft', 'running'],
  ['finished', 'queued'],
  ['queued', 'running'],
  ['stopping', 'running'],
  ['lost', 'running'],
])('%s cannot become %s', (from, to) => expect(canTransition(from, to)).toBe(false));

test('only live runs can be lost, and every live state can end', () => {
  for (const state of runStates) {
    expect(canTransition(state, 'lost'), state).toBe(isLive(state));
    expect(isLive(state) && isEnd(state), state).toBe(false);
    if (isLive(state)) expect(statesAfter(state), state).toEqual(expect.arrayContaining(['failed', 'lost']));
  }
});
