import type { EngineDevice } from '../../../shared/engine-info.ts';

/** The part of the WebGPU interface that is used; it stands for Chromium's and for Dawn's own. */
export interface Gpu {
  requestAdapter(options?: { powerPreference?: 'high-performance' }): Promise<Adapter | null>;
}

export interface Adapter {
  readonly info: AdapterInfo;
  readonly limits: Readonly<Record<(typeof neededLimits)[number], number>>;
  requestDevice(options: { requiredLimits: Record<string, number> }): Promise<Device>;
}

export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

export interface Device {
  readonly lost: Promise<{ reason: string | undefined; message: string }>;
  destroy(): void;
}

/** What TensorFlow.js computes better with the more there is of it; an adapter's default is the least any has. */
const neededLimits = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

export const requestDevice = (adapter: Adapter): Promise<Device> =>
  adapter.requestDevice({
    requiredLimits: Object.fromEntries(neededLimits.map((name) => [name, adapter.limits[name]])),
  });

/** Vulkan and Direct3D drivers that imitate a GPU on the CPU, by what they call themselves. */
const imitations = /swiftshader|llvmpipe|lavapipe|softpipe|warp|basic render/i;

/** Name, kind and limits of an adapter; browsers leave out what could tell one user from another. */
export function describeAdapter({ info, limits }: Pick<Adapter, 'info' | 'limits'>): EngineDevice {
  const { vendor, architecture, device, description, isFallbackAdapter } = info;
  const name = description || [vendor, architecture, device].filter(Boolean).join(' ') || 'unnamed GPU';
  const isImitated = isFallbackAdapter || imitations.test([name, architecture, device].join(' '));
  return {
    name,
    kind: isImitated ? 'software' : 'gpu',
    notes: [
      ...(vendor ? [`vendor ${[vendor, architecture].filter(Boolean).join(' ')}`] : []),
      `largest buffer ${(limits.maxBufferSize / 2 ** 30).toPrecision(3)} GiB`,
    ],
  };
}
