import type { EngineSetUp } from '../../engine.ts';
import { installedTensorflow, tensorflowFolder } from './installation.ts';

/** The CPU's TensorFlow; the larger one for NVIDIA GPUs is asked for on the command line. */
export const tensorflowSetUp: EngineSetUp = {
  command: 'npm run setup:tensorflow',
  size: '274 MB to download, 635 MB on disk; with "-- --gpu" several GB',
  folder: tensorflowFolder,
  isInstalled: () => installedTensorflow() !== undefined,
  async install({ gpu = installedTensorflow()?.gpu, ...options }) {
    return (await import('./install.ts')).installTensorflow({ gpu, ...options });
  },
  async remove() {
    await (await import('./install.ts')).removeTensorflow();
  },
};
