import type { EngineSetUp } from '../../engine.ts';
import { installedTensorflow, tensorflowFolder } from './installation.ts';

/** Set up anew without options, it stays what it is: for the CPU or for NVIDIA GPUs. */
export const tensorflowSetUp: EngineSetUp = {
  command: 'npm run setup:tensorflow',
  size: '274 MB to download, 635 MB on disk; with "-- --gpu" several GB',
  folder: tensorflowFolder,
  isInstalled: () => installedTensorflow() !== undefined,
  async install(options) {
    const { installTensorflow } = await import('./install.ts');
    return installTensorflow({ gpu: installedTensorflow()?.gpu, ...options });
  },
  async remove() {
    await (await import('./install.ts')).removeTensorflow();
  },
};
