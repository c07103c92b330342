import { openRemote } from '../remote/client.ts';
import { connect } from '../remote/port.ts';
import type { LoadedEngine } from '../engine.ts';
import { gpuRequest } from './gpu-request.ts';

/** The part of Electron's `process.parentPort` that is used; its types are not seen outside main/desktop. */
export interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: never[] }) => void): void;
  off(event: 'message', listener: (event: { data: unknown; ports: never[] }) => void): void;
  postMessage(message: unknown): void;
}

/** Longest wait for a window to open and to find its GPU, milliseconds. */
const openMs = 60_000;

/**
 * WebGPU in a utility process of Electron, which Dawn cannot run in: Chromium's own, in a hidden window that the host
 * opens for this process.
 */
export async function openChromium(parentPort: ParentPort): Promise<LoadedEngine> {
  const port = await new Promise<never>((resolve) => {
    const listen = ({ ports }: { ports: never[] }) => {
      if (ports.length === 0) return;
      parentPort.off('message', listen);
      resolve(ports[0]);
    };
    parentPort.on('message', listen);
    parentPort.postMessage(gpuRequest);
  });
  return openRemote(connect(port), openMs);
}
