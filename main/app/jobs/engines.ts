import type { EngineInfo } from '../../../shared/engine-info.ts';
import type { EngineId } from '../../../shared/run.ts';
import { EngineUnavailable } from '../../backends/engine.ts';
import { engineById } from '../../backends/registry.ts';
import type { ReportProgress } from './index.ts';

export type EngineExamination = Pick<
  EngineInfo,
  'available' | 'detail' | 'device' | 'versions' | 'maxThreads'
>;

/** Whether an engine loads, and what it computes on. In a helper process, because native code that fails takes its process along. */
export async function examineEngine({ id }: { id: EngineId }): Promise<EngineExamination> {
  try {
    const { backend, device, versions, threads } = await engineById(id).load(0);
    return { available: true, detail: backend.describe(), device, versions, maxThreads: threads };
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    return { available: false, detail: error.reason, versions: {}, maxThreads: 1 };
  }
}

/** Installs an engine that does not come with the product. @returns what was done, in sentences */
export function installEngine({ id }: { id: EngineId }, onProgress: ReportProgress): Promise<string> {
  return engineById(id).setUp!.install({ onProgress });
}
