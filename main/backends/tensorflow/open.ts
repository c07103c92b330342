import { join } from 'node:path';
import { cpuDevice } from '../cpu.ts';
import { unavailable, type LoadedEngine } from '../engine.ts';
import { tensorBackend } from './backend.ts';
import { tensorflowEnvironment, threadsOf } from './environment.ts';
import { gpuDevice } from './gpu.ts';
import { loadBinding, type Binding } from './libtensorflow/binding.ts';
import { describe, libTensorflowOps, type Execution } from './libtensorflow/ops.ts';
import { installedTensorflow, tensorflowFolder } from './setup/installation.ts';

/**
 * TensorFlow in this process.
 * @param threads 0 for every core; the first call's number holds for the process
 * @param execution `traced` is what runs use; `eager` is its oracle and `xla` compiles what is traced
 * @throws EngineUnavailable where it is not installed or does not load
 */
export function openTensorflow(threads: number, execution: Execution): LoadedEngine {
  const binding = bindingOfProcess(threads);
  const { all, ofOperation } = threadsOf(process.env);
  const parts = execution === 'traced' && ofOperation === 1 ? all : 1;
  const device = binding.devices().find(({ type }) => type === 'GPU');
  return {
    backend: tensorBackend({
      id: 'tensorflow',
      title: 'TensorFlow',
      describe: () => describe(binding, execution),
      open: async () => libTensorflowOps(binding, execution, parts),
    }),
    threads: all,
    device: device ? gpuDevice(device) : cpuDevice(),
    versions: { TensorFlow: binding.TF_Version },
  };
}

let loaded: Binding | undefined;

/** The binding, loaded once: TensorFlow has one pool of threads, made as it is loaded. */
export function bindingOfProcess(threads: number): Binding {
  loaded ??= load(threads);
  return loaded;
}

function load(threads: number): Binding {
  const repair = 'run "npm run setup:tensorflow" or install it in the settings';
  const installed = installedTensorflow() ?? unavailable('tensorflow', `it is not installed: ${repair}`);
  // A process that was not started for this engine gets what can still be set.
  for (const [name, value] of Object.entries(tensorflowEnvironment({ threads }))) process.env[name] ??= value;
  try {
    return loadBinding(join(tensorflowFolder(), installed.addon));
  } catch (error) {
    return unavailable('tensorflow', `it does not load (${(error as Error).message}): ${repair}`, error);
  }
}
