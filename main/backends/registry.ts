import { availableParallelism } from 'node:os';
import { UserError } from '../../shared/errors.ts';
import type { Backend } from './backend.ts';
import { loadNative } from './native/index.ts';
import { referenceBackend } from './reference/index.ts';

export interface ChosenBackend {
  backend: Backend;
  threads: number;
  /** Why a slower engine than the best one was taken; undefined when the best one runs. */
  notice: string | undefined;
}

/**
 * Picks the engine of a run. `auto` takes the native kernels where they load and says so where they do not.
 * @throws UserError `backend-unavailable` when an engine was asked for by name and cannot run here
 */
export function chooseBackend(id: 'auto' | 'native' | 'reference', threads: number): ChosenBackend {
  const count = threads || availableParallelism();
  if (id === 'reference') return { backend: referenceBackend, threads: 1, notice: undefined };
  const native = loadNative();
  if (native.ok) return { backend: native.backend, threads: count, notice: undefined };
  if (id === 'native') {
    throw new UserError('backend-unavailable', `engine.backend: native cannot run here: ${native.reason}`, 'engine.backend');
  }
  return {
    backend: referenceBackend,
    threads: 1,
    notice: `The native kernels cannot run here (${native.reason}). Training on the slow reference engine.`,
  };
}
