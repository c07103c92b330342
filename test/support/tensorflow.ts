import { test } from 'vitest';
import type { Backend } from '../../main/backends/backend.ts';
import { EngineUnavailable } from '../../main/backends/engine.ts';
import { bindingOfProcess, openTensorflow } from '../../main/backends/tensorflow/open.ts';

const threads = 2;

/** Why TensorFlow cannot be tested here, said aloud; undefined where it can. */
export const tensorflowMissing = reasonNotToTest();

function reasonNotToTest(): string | undefined {
  try {
    bindingOfProcess(threads);
    return undefined;
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    console.warn(`TensorFlow is not tested: ${error.reason}`);
    return error.reason;
  }
}

/** TensorFlow as runs use it, and one operation at a time. */
export function tensorflowBackends(): Backend[] {
  if (tensorflowMissing) {
    test.skip(`TensorFlow (${tensorflowMissing})`);
    return [];
  }
  const { backend: traced } = openTensorflow(threads, 'traced');
  const { backend: eager } = openTensorflow(threads, 'eager');
  return [traced, { ...eager, id: 'tensorflow-eager' }];
}
