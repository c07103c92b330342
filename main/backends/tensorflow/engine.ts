import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import { tensorflowEnvironment } from './environment.ts';
import { installedTensorflow, tensorflowFolder } from './setup/installation.ts';
import { tensorflowSetUp } from './setup/set-up.ts';

export const tensorflowEngine: Engine = {
  id: 'tensorflow',
  title: 'TensorFlow',
  strength: 'fast for dense networks: convolutions on the CPU, everything on an NVIDIA GPU',
  setUp: tensorflowSetUp,
  environment(threads) {
    const libraries = installedTensorflow()?.gpu ? [join(tensorflowFolder(), 'lib')] : [];
    return tensorflowEnvironment({ threads, libraries });
  },
  load: async (threads) => (await import('./open.ts')).openTensorflow(threads, 'traced'),
};
