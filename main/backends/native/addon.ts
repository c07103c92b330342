import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  EvaluationResult,
  LayerExecution,
  StepResult,
  TrainOptions,
  UpdateOptions,
  UpdateRule,
} from '../backend.ts';

/** What src/addon.cc exports. */
export interface Addon {
  /** The instruction set that the kernels use here. */
  isa: string;
  NativeNetwork: new (spec: object) => NativeNetworkObject;
}

/** Parameters, buffers and slots by index; arrays must have exactly the tensor's size. Throws `Error` on bad input. */
export interface NativeNetworkObject {
  trainStep(
    samples: Uint8Array | Float32Array,
    labels: Int32Array,
    size: number,
    options: TrainOptions,
  ): Omit<StepResult, 'times'> & { forwardMs: number; backwardMs: number };
  evaluate(samples: Uint8Array | Float32Array, labels: Int32Array, size: number): EvaluationResult;
  logits(samples: Uint8Array | Float32Array, size: number, to: Float32Array): void;
  applyUpdate(rule: UpdateRule, options: UpdateOptions): void;
  gradientNorm(): number;
  read(parameter: number, slot: number, to: Float32Array): void;
  write(parameter: number, slot: number, from: Float32Array): void;
  readBuffer(buffer: number, to: Float32Array): void;
  writeBuffer(buffer: number, from: Float32Array): void;
  readMask(parameter: number, to: Uint8Array): void;
  writeMask(parameter: number, from: Uint8Array): void;
  reselect(): void;
  activeCount(parameter: number): number;
  usesSlot(slot: number): boolean;
  execution(): LayerExecution[];
  memoryBytes(): number;
  dispose(): void;
}

/**
 * Loads the compiled addon from `build/native` of the nearest folder above this file that has one, which serves the
 * source tree and a bundled program alike.
 * @throws Error where it is not built or does not load
 */
export function loadAddon(): Addon {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, 'build', 'native', 'filigree.node');
    if (existsSync(file)) return createRequire(import.meta.url)(file) as Addon;
    if (folder === dirname(folder)) break;
  }
  throw new Error('they are not built; "node scripts/build-native.mjs" builds them');
}
