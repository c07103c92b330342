import type * as Core from '@tensorflow/tfjs-core';
import { unavailable } from '../engine.ts';
import type { LosableEngine } from '../remote/server.ts';
import { tensorBackend } from '../tensorflow/backend.ts';
import { createTfjsOps } from '../tensorflow/tfjs-ops.ts';
import { describeAdapter, requestDevice, type Device, type Gpu } from './adapter.ts';

/**
 * TensorFlow.js on the GPU of this process, in Node with Dawn as in a window of Chromium.
 * @param gpu undefined where the process has none
 * @param implementation name and version of the WebGPU behind it
 * @param advice what to do where there is no adapter, in a sentence
 * @throws UserError `backend-unavailable` where there is no adapter, or none that gives out a device
 */
export async function openTensors(
  gpu: Gpu | undefined,
  implementation: Readonly<Record<string, string>>,
  advice = 'WebGPU needs a graphics driver with Vulkan (Linux), Direct3D 12 (Windows) or Metal (macOS)',
): Promise<LosableEngine & { destroy(): void }> {
  if (!gpu) unavailable('webgpu', 'this system gives no access to a GPU through WebGPU');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) unavailable('webgpu', `no GPU was found. ${advice}`);
  const device = await requestDevice(adapter).catch((error: Error) =>
    unavailable('webgpu', `the GPU refused to be used: ${error.message}`, error),
  );
  const tf = await startTensorFlow(device, adapter.info);
  const described = describeAdapter(adapter);
  const description = `TensorFlow.js ${tf.version_core} on WebGPU: ${described.name}${
    described.kind === 'software' ? ' (software: slow)' : ''
  }`;
  const ops = createTfjsOps(tf, description);
  return {
    backend: tensorBackend({
      id: 'webgpu',
      title: 'WebGPU',
      describe: () => description,
      open: async () => ops,
    }),
    threads: 1,
    device: described,
    versions: { 'TensorFlow.js': tf.version_core, ...implementation },
    lost: device.lost.then(({ reason, message }) => message || reason || 'no reason was given'),
    destroy: () => device.destroy(),
  };
}

/** The core of TensorFlow.js, computing on a device of ours instead of one that it asks for itself. */
async function startTensorFlow(device: Device, info: object): Promise<typeof Core> {
  const tf = await import('@tensorflow/tfjs-core');
  // Without its checks of every operation.
  tf.enableProdMode();
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => new WebGPUBackend(device as never, info as never));
  if (!(await tf.setBackend('webgpu'))) unavailable('webgpu', 'TensorFlow.js cannot compute on this GPU');
  return tf;
}
