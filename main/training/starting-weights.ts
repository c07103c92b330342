import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import type { StartingWeights } from '../../shared/run.ts';
import type { Network } from '../backends/backend.ts';
import { decodeCheckpoint } from './checkpoint.ts';

/** The copy of another run's checkpoint in a run's own folder, so that the run stays whole without the other one. */
export const startingWeightsFile = (folder: string) => join(folder, 'initial.safetensors');

export const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/**
 * Replaces the fresh weights, biases and batch-norm statistics of a network by those of a checkpoint. To be called
 * before the method is initialised: it draws its masks, duals and moments as it would over fresh weights.
 * @throws UserError `no-checkpoint` if the file is gone, `bad-checkpoint` if it is damaged, another file than the
 * config names, or of a network with other layers
 */
export async function loadStartingWeights(
  network: Network,
  folder: string,
  start: StartingWeights,
): Promise<void> {
  const file = startingWeightsFile(folder);
  const bytes = await readFile(file).catch((error: Error) => {
    throw new UserError('no-checkpoint', `the weights to start from cannot be read: ${error.message}`);
  });
  if (sha256Of(bytes) !== start.sha256) {
    throw new UserError('bad-checkpoint', `${file} is not the checkpoint that the config names`);
  }
  const { tensors } = decodeCheckpoint(file, bytes);
  const wanted = [
    ...network.parameters.map(({ name, shape }) => ({ name, shape: [...shape], tensor: `value/${name}` })),
    ...network.buffers.map(({ name, size }) => ({ name, shape: [size], tensor: `buffer/${name}` })),
  ];
  for (const { name, shape, tensor } of wanted) {
    const found = tensors.get(tensor);
    const problem = !found
      ? 'is not in'
      : String(found.shape) !== String(shape)
        ? `has shape ${shape.join('×')} but ${found.shape.join('×')} in`
        : undefined;
    if (problem) {
      const source = `the checkpoint of run ${start.run} at step ${start.step}`;
      throw new UserError(
        'bad-checkpoint',
        `${name} ${problem} ${source}; choose the model that it was trained with`,
        'model',
      );
    }
    await network.write(name, 'value', found!.data as Float32Array);
  }
  const known = new Set(wanted.map(({ tensor }) => tensor));
  const extra = [...tensors.keys()].find((name) => name.startsWith('value/') && !known.has(name));
  if (extra) {
    throw new UserError(
      'bad-checkpoint',
      `the checkpoint of run ${start.run} has ${extra.slice('value/'.length)}, which this model has not; ` +
        'choose the model that it was trained with',
      'model',
    );
  }
}
