import { availableParallelism } from 'node:os';
import type { EngineInfo } from '../../shared/engine-info.ts';
import { referenceBackend } from '../backends/reference/index.ts';
import type { TaskRunner } from './tasks.ts';

/**
 * Every engine, and whether it runs here.
 * @throws UserError `cancelled` while the host closes
 */
export async function listEngines(tasks: TaskRunner): Promise<EngineInfo[]> {
  const native = await tasks.known('examineNative', undefined).catch((error: Error & { code?: string }) => {
    if (error.code === 'cancelled') throw error;
    return { available: false, detail: error.message };
  });
  return [
    { id: 'native', title: 'Native sparse CPU kernels', maxThreads: availableParallelism(), ...native },
    {
      ...{ id: 'reference', title: 'TypeScript reference', maxThreads: 1 },
      ...{ available: true, detail: referenceBackend.describe() },
    },
  ];
}
