import type { Graph } from '../models/graph.ts';
import type { Batch } from './backend.ts';

/** @throws Error unless the batch has 1 to `maxBatch` whole samples of the graph, in bytes or floats */
export function checkSamples({ samples, size }: Batch, { input }: Graph, maxBatch: number): void {
  if (!(samples instanceof Uint8Array || samples instanceof Float32Array)) {
    throw new Error('batch.samples must be a Uint8Array or a Float32Array');
  }
  const features = input.shape.reduce((a, b) => a * b, 1);
  if (size < 1 || size > maxBatch || samples.length < size * features) {
    const found = `${size} samples in ${samples.length} numbers`;
    throw new Error(
      `batch.samples: a batch has 1 to ${maxBatch} samples of ${features} numbers, got ${found}`,
    );
  }
}

/** @throws Error unless every sample has a label that is a class of the graph */
export function checkLabels({ labels, size }: Batch, { classes }: Graph): void {
  if (labels.length < size) throw new Error(`batch.labels has ${labels.length} entries for ${size} samples`);
  for (let n = 0; n < size; n++) {
    if (!(labels[n] >= 0 && labels[n] < classes)) {
      throw new Error(
        `batch.labels: label ${labels[n]} of sample ${n} is not a class from 0 to ${classes - 1}`,
      );
    }
  }
}
