import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gpuDevice } from '../../../../../main/backends/tensorflow/gpu.ts';

let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'filigree-gpu-'));
  vi.stubEnv('PATH', bin);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(bin, { recursive: true });
});

const device = { name: '/job:localhost/replica:0/task:0/device:GPU:1', type: 'GPU', memoryBytes: 6e9 };

test("a GPU is named as NVIDIA's own tool names it, with its memory and driver", () => {
  // Answers only for the GPU that was asked for.
  const script =
    '#!/bin/sh\ncase "$*" in *--id=1) echo "NVIDIA RTX 4000, 8192, 560.35.03";; *) exit 6;; esac\n';
  writeFileSync(join(bin, 'nvidia-smi'), script);
  chmodSync(join(bin, 'nvidia-smi'), 0o755);
  expect(gpuDevice(device)).toEqual({
    name: 'NVIDIA RTX 4000',
    kind: 'gpu',
    memoryBytes: 8192 * 2 ** 20,
    notes: ['driver 560.35.03'],
  });
  expect(gpuDevice({ ...device, name: '/device:GPU:0' }).name).toBe('NVIDIA GPU 0');
});

test('without that tool it has its number and the memory that TensorFlow may use', () => {
  expect(gpuDevice(device)).toEqual({ name: 'NVIDIA GPU 1', kind: 'gpu', memoryBytes: 6e9, notes: [] });
});
