import { test } from 'vitest';
import type { Backend } from '../../main/backends/backend.ts';
import { loadNative } from '../../main/backends/native/index.ts';
import { referenceBackend } from '../../main/backends/reference/index.ts';
import { tensorflowBackends } from './tensorflow.ts';
import { tfjsBackend } from './tfjs.ts';

/** The backends that must agree with the reference, here; says aloud which ones cannot run. */
export function compiledBackends(): Backend[] {
  return [...nativeBackends(), tfjsBackend, ...tensorflowBackends()];
}

export function allBackends(): Backend[] {
  return [referenceBackend, ...compiledBackends()];
}

/** The native backend, where it can run. */
export function nativeBackends(): Backend[] {
  const native = loadNative();
  if (native.ok) return [native.backend];
  console.warn(`The native backend is not tested: ${native.reason}`);
  test.skip(`native backend (${native.reason})`);
  return [];
}
