import { cpus, totalmem } from 'node:os';
import type { EngineDevice } from '../../shared/engine-info.ts';

/** The processor of this computer, as engines that compute on it describe their device. */
export function cpuDevice(...notes: string[]): EngineDevice {
  return { name: cpus()[0]?.model.trim() ?? process.arch, kind: 'cpu', memoryBytes: totalmem(), notes };
}
