import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { unavailable, type LoadedEngine } from '../engine.ts';
import type { Gpu } from './adapter.ts';
import { guarded } from './guard.ts';
import { dawnFolder, dawnSetUp } from './set-up.ts';
import { openTensors } from './tensors.ts';

interface Dawn {
  create(options: string[]): Gpu;
  globals: object;
}

/** WebGPU in a process of Node: Dawn, which Chromium has inside, as an addon. */
export async function openDawn(): Promise<LoadedEngine & { destroy(): void }> {
  if (!dawnSetUp.isInstalled()) unavailable('webgpu', `it is not installed: run ${dawnSetUp.command}`);
  const folder = dawnFolder();
  const dawn = (await import(pathToFileURL(join(folder, 'index.js')).href).catch((error: Error) =>
    unavailable('webgpu', `Dawn does not load here: ${error.message}`, error),
  )) as Dawn;
  // TensorFlow.js looks for both as in a browser.
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const engine = await openTensors(gpu, { 'Dawn (webgpu)': version });
  return { ...engine, backend: guarded(engine.backend, engine.lost) };
}
