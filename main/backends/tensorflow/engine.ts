import { unavailable, type Engine } from '../engine.ts';

export const tensorflowEngine: Engine = {
  id: 'tensorflow',
  title: 'TensorFlow',
  strength: 'dense networks: convolutions on the CPU, everything on an NVIDIA GPU',
  load: async () => unavailable('tensorflow', 'it cannot be installed yet'),
};
