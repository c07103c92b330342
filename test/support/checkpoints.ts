import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame } from '../../shared/frames.ts';
import { decodeSafetensors } from '../../shared/safetensors.ts';

/** Weights, masks and duals of a run's last checkpoint: everything but its wall-clock times. */
export function finalTensors(runFolder: string): Record<string, string> {
  const last = readdirSync(runFolder)
    .filter((name) => name.startsWith('checkpoint-'))
    .sort()
    .at(-1)!;
  const { tensors } = decodeSafetensors(readFileSync(join(runFolder, last)));
  return Object.fromEntries(
    tensors.map((t) => [
      t.name,
      Buffer.from(t.data.buffer, t.data.byteOffset, t.data.byteLength).toString('base64'),
    ]),
  );
}

/** Resolves once the run has written `count` checkpoints. */
export function checkpoints(count: number): { reached: Promise<void>; onFrame(frame: Frame): void } {
  let seen = 0;
  let resolve!: () => void;
  const reached = new Promise<void>((r) => (resolve = r));
  return {
    reached,
    onFrame(frame) {
      if (frame.type === 'checkpoint' && ++seen === count) resolve();
    },
  };
}
