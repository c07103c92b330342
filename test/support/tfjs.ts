import type { Backend } from '../../main/backends/backend.ts';
import { tensorBackend } from '../../main/backends/tensorflow/backend.ts';
import type { Ops } from '../../main/backends/tensorflow/ops.ts';
import { createTfjsOps } from '../../main/backends/tensorflow/tfjs-ops.ts';
import type { Tensor } from '@tensorflow/tfjs-core';

let opened: Promise<Ops<Tensor>> | undefined;

/** The kernels of TensorFlow.js in plain JavaScript: slow, but everywhere, so that the network is always tested. */
export const tfjsBackend: Backend = tensorBackend({
  id: 'tfjs',
  title: 'TensorFlow.js in plain JavaScript',
  describe: () => 'TensorFlow.js, plain JavaScript',
  open: tfjsOps,
});

export function tfjsOps(): Promise<Ops<Tensor>> {
  opened ??= open();
  return opened;
}

async function open(): Promise<Ops<Tensor>> {
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-cpu');
  // Without its advice to use a faster backend.
  tf.enableProdMode();
  await tf.setBackend('cpu');
  return createTfjsOps(tf, `TensorFlow.js ${tf.version_core}, plain JavaScript`);
}
