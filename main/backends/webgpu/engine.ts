import type { Engine } from '../engine.ts';
import type { ParentPort } from './chromium.ts';
import { dawnSetUp } from './set-up.ts';

/** Electron has a WebGPU of its own, and no process of it can run Dawn's addon. */
const inElectron = process.versions.electron !== undefined;

export const webgpuEngine: Engine = {
  id: 'webgpu',
  title: 'WebGPU',
  strength: 'fast for large dense networks, on a GPU of any vendor',
  setUp: inElectron ? undefined : dawnSetUp,
  async load() {
    const { parentPort } = process as NodeJS.Process & { parentPort?: ParentPort };
    return parentPort
      ? (await import('./chromium.ts')).openChromium(parentPort)
      : (await import('./dawn.ts')).openDawn();
  },
};
