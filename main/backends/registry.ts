import { engineIds, type EngineId, type RunConfig } from '../../shared/run.ts';
import type { Engine, LoadedEngine } from './engine.ts';
import { nativeEngine } from './native/engine.ts';
import { loadNative } from './native/index.ts';
import { referenceEngine } from './reference/engine.ts';
import { tensorflowEngine } from './tensorflow/engine.ts';
import { webgpuEngine } from './webgpu/engine.ts';

const byId: Readonly<Record<EngineId, Engine>> = {
  native: nativeEngine,
  tensorflow: tensorflowEngine,
  webgpu: webgpuEngine,
  reference: referenceEngine,
};

/** Every engine, the ones to prefer first. A new one is its file, a line above and its name in `engineFields`. */
export const engines: readonly Engine[] = engineIds.map((id) => byId[id]);

export const engineById = (id: EngineId): Engine => byId[id];

export interface ChosenBackend extends LoadedEngine {
  id: EngineId;
  /** Why a slower engine than the best one was taken; undefined when the best one runs. */
  notice: string | undefined;
}

/**
 * Loads the engine of a run into this process. `auto` stands for the engines that need no measuring to choose between:
 * the native kernels where they load and, said aloud, the reference where they do not.
 * @throws UserError `backend-unavailable` when an engine was asked for by name and cannot run here
 */
export async function chooseBackend(
  choice: RunConfig['engine']['backend'],
  threads: number,
): Promise<ChosenBackend> {
  const named = async (id: EngineId, notice?: string) => ({ ...(await byId[id].load(threads)), id, notice });
  if (choice !== 'auto') return named(choice);
  const native = loadNative();
  if (native.ok) return named('native');
  return named(
    'reference',
    `The native kernels cannot run here (${native.reason}). Training on the slow reference engine.`,
  );
}
