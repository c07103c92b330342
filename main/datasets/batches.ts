import { UserError } from '../../shared/errors.ts';
import { parseValues, type Values } from '../../shared/fields.ts';
import type { Random } from '../../shared/random.ts';
import type { Batch } from '../backends/backend.ts';
import type { Shape } from '../models/graph.ts';
import {
  augment,
  augmentationFields,
  checkAugmentation,
  isIdentity,
  type Augmentation,
} from './augmentation.ts';
import type { Split } from './dataset.ts';

export interface BatchLoaderOptions {
  batchSize: number;
  shape: Shape;
  /** Orders the samples of every epoch. */
  random: Random;
  /** Values of `augmentationFields`; absent means none. */
  augmentation?: Values;
  /** Needed when `augmentation` does anything. */
  augmentationRandom?: Random;
}

type RandomState = ReturnType<Random['save']>;

/** Where a loader stands, as JSON for a checkpoint. */
export interface BatchLoaderState {
  epoch: number;
  position: number;
  /** The shuffling stream as it was before it ordered this epoch. */
  epochStart: RandomState;
  augmentation: RandomState | null;
}

/**
 * Endless training batches of constant size: every epoch in a new random order, an incomplete last batch dropped.
 * `next` fills one buffer again and again, so a batch is valid until the next call.
 */
export class BatchLoader {
  readonly #split: Split;
  readonly #options: BatchLoaderOptions;
  readonly #augmentation: Augmentation;
  readonly #augmentationRandom: Random | undefined;
  readonly #order: Uint32Array;
  readonly #batch: Batch;
  readonly #source: Buffer;
  readonly #target: Buffer;
  #epochStart: RandomState;
  #epoch = 0;
  #position = 0;

  /** @throws UserError `bad-config` for a batch larger than the split or augmentation that does not fit the samples */
  constructor(split: Split, options: BatchLoaderOptions) {
    const { batchSize, shape, random, augmentation, augmentationRandom } = options;
    if (!Number.isSafeInteger(batchSize) || batchSize < 1 || batchSize > split.count) {
      throw new UserError(
        'bad-config',
        `training.batchSize: ${batchSize} is not an integer from 1 to ${split.count}, the number of training samples`,
        'training.batchSize',
      );
    }
    this.#split = split;
    this.#options = options;
    this.#augmentation = parseValues(augmentationFields, augmentation ?? {}, 'augmentation');
    checkAugmentation(this.#augmentation, shape);
    this.#augmentationRandom = isIdentity(this.#augmentation) ? undefined : augmentationRandom;
    this.#order = new Uint32Array(split.count);
    const stride = split.samples.length / split.count;
    const Samples = split.samples instanceof Uint8Array ? Uint8Array : Float32Array;
    const samples = new Samples(batchSize * stride);
    this.#batch = { samples, labels: new Int32Array(batchSize), size: batchSize };
    // Byte views: `Buffer.copy` is one memcpy per row, without the object that `subarray` would make.
    this.#source = bytesOf(split.samples);
    this.#target = bytesOf(samples);
    this.#epochStart = random.save();
    this.#shuffle();
  }

  /** The epoch of the batch returned last, from 0. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Samples of this epoch that were returned so far. */
  get position(): number {
    return this.#position;
  }

  /** The next batch; its buffers are reused by the following call. */
  next(): Batch {
    const { batchSize, shape } = this.#options;
    if (this.#position + batchSize > this.#split.count) {
      this.#epoch++;
      this.#position = 0;
      this.#epochStart = this.#options.random.save();
      this.#shuffle();
    }
    const { labels, samples } = this.#batch;
    const rowBytes = this.#target.length / batchSize;
    for (let i = 0; i < batchSize; i++) {
      const row = this.#order[this.#position + i];
      labels[i] = this.#split.labels[row];
      this.#source.copy(this.#target, i * rowBytes, row * rowBytes, (row + 1) * rowBytes);
    }
    this.#position += batchSize;
    if (this.#augmentationRandom)
      augment(samples, batchSize, shape, this.#augmentation, this.#augmentationRandom);
    return this.#batch;
  }

  /** Everything a loader over the same split needs to continue with the same batches, bit for bit. */
  save(): BatchLoaderState {
    return {
      epoch: this.#epoch,
      position: this.#position,
      epochStart: this.#epochStart,
      augmentation: this.#augmentationRandom?.save() ?? null,
    };
  }

  /** Continues where `save` was called; also sets the state of both Randoms the loader was given. */
  restore(state: BatchLoaderState): void {
    this.#epoch = state.epoch;
    this.#position = state.position;
    this.#epochStart = state.epochStart;
    this.#options.random.restore(state.epochStart);
    this.#shuffle();
    if (state.augmentation) this.#augmentationRandom?.restore(state.augmentation);
  }

  /** Always from the identity, so that an epoch's order follows from the stream's state alone. */
  #shuffle(): void {
    for (let i = 0; i < this.#order.length; i++) this.#order[i] = i;
    this.#options.random.shuffle(this.#order);
  }
}

/**
 * All samples once, in the order of the split; the last batch may be smaller.
 * Batches are views of the split: nothing is copied, and whoever takes one must not write to it.
 */
export function* evaluationBatches(split: Split, batchSize: number): Generator<Batch> {
  const stride = split.samples.length / split.count;
  for (let start = 0; start < split.count; start += batchSize) {
    const end = Math.min(start + batchSize, split.count);
    yield {
      samples: split.samples.subarray(start * stride, end * stride),
      labels: split.labels.subarray(start, end),
      size: end - start,
    };
  }
}

function bytesOf(values: Uint8Array | Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
