import { availableParallelism } from 'node:os';
import type { EngineInfo } from '../../../shared/engine-info.ts';
import { loadNative } from '../../backends/native/index.ts';
import { referenceBackend } from '../../backends/reference/index.ts';

/** Every engine and whether it runs here. In a helper process, because native code that fails takes its process along. */
export async function listEngines(): Promise<EngineInfo[]> {
  const native = loadNative();
  return [
    {
      id: 'native',
      title: 'Native sparse CPU kernels',
      available: native.ok,
      detail: native.ok ? native.backend.describe() : native.reason,
      maxThreads: availableParallelism(),
    },
    {
      id: 'reference',
      title: 'TypeScript reference',
      available: true,
      detail: referenceBackend.describe(),
      maxThreads: 1,
    },
  ];
}
