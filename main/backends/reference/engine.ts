import { cpuDevice } from '../cpu.ts';
import type { Engine } from '../engine.ts';
import { referenceBackend } from './index.ts';

export const referenceEngine: Engine = {
  id: 'reference',
  title: 'TypeScript reference',
  strength: 'slow: the yardstick of the others, which runs everywhere',
  load: async () => ({ backend: referenceBackend, threads: 1, device: cpuDevice(), versions: {} }),
};
