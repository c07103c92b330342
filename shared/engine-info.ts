import type { EngineId } from './run.ts';

/** What an engine computes on. */
export interface EngineDevice {
  /** As the hardware or its driver calls itself. */
  name: string;
  /** `software`: a GPU imitated on the CPU, which is slow. */
  kind: 'cpu' | 'gpu' | 'software';
  /** Of the device itself, or of this computer where it shares its memory. */
  memoryBytes?: number;
  /** What else is worth knowing: vendor, driver, largest buffer. */
  notes: readonly string[];
}

/** An engine as it is on this machine. */
export interface EngineInfo {
  id: EngineId;
  title: string;
  /** What it is good for, in a few words: `fast for …`. */
  strength: string;
  available: boolean;
  /** What computes and on which hardware path, `native sparse kernels (AVX2)`; or why it cannot run here. */
  detail: string;
  /** Of an engine that runs here. */
  device?: EngineDevice;
  /** Of the libraries behind it, by name. */
  versions: Readonly<Record<string, string>>;
  maxThreads: number;
  /** Of an engine that is installed on demand. */
  setUp?: EngineSetUpInfo;
}

/** Works here on real hardware and is made for speed: what a run may get that leaves its engine open. */
export const isFast = ({ id, available, device }: EngineInfo): boolean =>
  available && id !== 'reference' && device?.kind !== 'software';

export interface EngineSetUpInfo {
  installed: boolean;
  /** Where it lies, once it is installed. */
  folder: string;
  /** The command that installs it; `-- --remove` undoes it. */
  command: string;
  /** What installing it loads from the network and leaves on the disk, in words. */
  size: string;
}

/** Median time of a training step (forward, backward, update) of one network. */
export interface StepTime {
  label: string;
  /** Mean density of the sparse weights, 0..1. */
  density: number;
  batchSize: number;
  threads: number;
  stepMs: number;
  /** Engine that was measured. */
  engine: string;
}

/** One engine's times for one network: the run's steps at their sparsity, and dense ones. */
export interface EngineTimes {
  id: EngineId;
  title: string;
  run: StepTime;
  dense: StepTime;
}
