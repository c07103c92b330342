import { spawnSync } from 'node:child_process';
import type { EngineDevice } from '../../../shared/engine-info.ts';
import type { Device } from './libtensorflow/binding.ts';

/** The GPU that TensorFlow computes on; its C API knows a number and memory, NVIDIA's own tool the rest. */
export function gpuDevice({ name, memoryBytes }: Device): EngineDevice {
  const index = /GPU:(\d+)$/.exec(name)?.[1] ?? '0';
  const query = [
    '--query-gpu=name,memory.total,driver_version',
    '--format=csv,noheader,nounits',
    `--id=${index}`,
  ];
  const answer = spawnSync('nvidia-smi', query, { encoding: 'utf8', timeout: 10_000 });
  const [title, mebibytes, driver] = (answer.status === 0 ? answer.stdout.trim() : '').split(', ');
  if (!driver) return { name: `NVIDIA GPU ${index}`, kind: 'gpu', memoryBytes, notes: [] };
  return { name: title, kind: 'gpu', memoryBytes: Number(mebibytes) * 2 ** 20, notes: [`driver ${driver}`] };
}
