import type { Graph } from '../models/graph.ts';
import type { Batch } from './backend.ts';

/** @throws Error unless the batch has between 1 and `maxBatch` whole samples of the graph's input */
export function checkSamples({ samples, size }: Batch, { input }: Graph, maxBatch: number): void {
  const features = input.shape.reduce((a, b) => a * b, 1);
  if (size < 1 || size > maxBatch || samples.length < size * features) {
    const found = `${size} samples in ${samples.length} numbers`;
    throw new Error(`a batch has 1 to ${maxBatch} samples of ${features} numbers, got ${found}`);
  }
}

/** @throws Error unless every label is a class of the graph */
export function checkLabels({ labels, size }: Batch, { classes }: Graph): void {
  for (let n = 0; n < size; n++) {
    if (!(labels[n] >= 0 && labels[n] < classes)) {
      throw new Error(`label ${labels[n]} of sample ${n} is not a class from 0 to ${classes - 1}`);
    }
  }
}
