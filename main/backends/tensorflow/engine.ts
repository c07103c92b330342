import { join } from 'node:path';
import { samplesCouple } from '../../models/graph.ts';
import type { Engine } from '../engine.ts';
import { tensorflowEnvironment } from './environment.ts';
import { installedTensorflow, tensorflowFolder } from './setup/installation.ts';
import { tensorflowSetUp } from './setup/set-up.ts';

export const tensorflowEngine: Engine = {
  id: 'tensorflow',
  title: 'TensorFlow',
  strength: 'fast for dense networks: convolutions on the CPU, everything on an NVIDIA GPU',
  setUp: tensorflowSetUp,
  environment(threads, graph) {
    const gpu = installedTensorflow()?.gpu;
    return tensorflowEnvironment({
      threads,
      partsOfBatch: !gpu && graph !== undefined && !samplesCouple(graph),
      libraries: gpu ? [join(tensorflowFolder(), 'lib')] : [],
    });
  },
  load: async (threads) => (await import('./open.ts')).openTensorflow(threads, 'traced'),
};
