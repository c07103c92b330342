import { availableParallelism } from 'node:os';
import { cpuDevice } from '../cpu.ts';
import { unavailable, type Engine } from '../engine.ts';
import { loadNative } from './index.ts';

export const nativeEngine: Engine = {
  id: 'native',
  title: 'Native sparse CPU kernels',
  strength: 'fast for sparse networks: time falls with density',
  async load(threads) {
    const native = loadNative();
    if (!native.ok) unavailable('native', native.reason);
    return {
      backend: native.backend,
      threads: threads || availableParallelism(),
      device: cpuDevice(native.isa),
      versions: {},
    };
  },
};
