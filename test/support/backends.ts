import { test } from 'vitest';
import type { Backend } from '../../main/backends/backend.ts';
import { loadNative } from '../../main/backends/native/index.ts';
import { referenceBackend } from '../../main/backends/reference/index.ts';

/** The backends that must agree with the reference; says aloud which ones cannot run here. */
export function compiledBackends(): Backend[] {
  const native = loadNative();
  if (native.ok) return [native.backend];
  console.warn(`The native backend is not tested: ${native.reason}`);
  test.skip(`native backend (${native.reason})`);
  return [];
}

export function allBackends(): Backend[] {
  return [referenceBackend, ...compiledBackends()];
}
