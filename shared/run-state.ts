/** Where a run is in its life. `lost`: its process went away without a last word. */
export const runStates = [
  'draft',
  'queued',
  'starting',
  'running',
  'paused',
  'stopping',
  'finished',
  'failed',
  'stopped',
  'lost',
] as const;

export type RunState = (typeof runStates)[number];

const successors: Readonly<Record<RunState, readonly RunState[]>> = {
  draft: ['queued'],
  queued: ['draft', 'starting', 'stopped', 'failed'],
  starting: ['running', 'stopping', 'stopped', 'failed', 'lost'],
  running: ['paused', 'stopping', 'finished', 'stopped', 'failed', 'lost'],
  paused: ['running', 'stopping', 'stopped', 'failed', 'lost'],
  stopping: ['finished', 'stopped', 'failed', 'lost'],
  // A finished run's result stands; whoever wants more epochs starts another run from it.
  finished: [],
  // The other ends can be resumed from the newest checkpoint.
  failed: ['queued'],
  stopped: ['queued'],
  lost: ['queued'],
};

export function canTransition(from: RunState, to: RunState): boolean {
  return successors[from].includes(to);
}

/** The states that can follow, for error messages and menus. */
export function statesAfter(from: RunState): readonly RunState[] {
  return successors[from];
}

/** A process is expected to own the run and to send heartbeats. */
export function isLive(state: RunState): boolean {
  return state === 'starting' || state === 'running' || state === 'paused' || state === 'stopping';
}

/** Nothing happens any more unless the run is resumed. */
export function isEnd(state: RunState): boolean {
  return state === 'finished' || state === 'failed' || state === 'stopped' || state === 'lost';
}
