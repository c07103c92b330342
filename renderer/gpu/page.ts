import { connect } from '../../main/backends/remote/port.ts';
import { serve } from '../../main/backends/remote/server.ts';
import type { Gpu } from '../../main/backends/webgpu/adapter.ts';
import { openTensors } from '../../main/backends/webgpu/tensors.ts';

/**
 * The page of a hidden window that computes on Chromium's GPU for a training process: it gets a port to that process
 * from its preload script and answers what comes in over it.
 */
const version = /Chrom(?:e|ium)\/([\d.]+)/.exec(navigator.userAgent)?.[1] ?? 'unknown';
const advice = /Linux/.test(navigator.userAgent)
  ? 'On Linux, Chromium gives out its GPU only when started with --enable-unsafe-webgpu --enable-features=Vulkan'
  : undefined;

window.addEventListener('message', ({ source, data, ports }) => {
  if (source !== window || data !== 'gpu-port' || ports.length !== 1) return;
  const { gpu } = navigator as { gpu?: Gpu };
  serve(connect(ports[0]), () => openTensors(gpu, { Chromium: version }, advice));
});
