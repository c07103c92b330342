import type { Analysis, Graph } from '../../models/graph.ts';
import type { Batch } from '../backend.ts';
import { dropoutKeeps } from '../dropout.ts';
import { target } from '../loss.ts';
import { activationShape } from './images.ts';
import type { Ops } from './ops.ts';

/** The first `size` samples as a network's layers take them, [N, H, W, C] or flat [N, C]. */
export function uploadSamples<T>(ops: Ops<T>, { samples, size }: Batch, { input }: Graph): T {
  const features = input.shape.reduce((a, b) => a * b, 1);
  return ops.uploadImages(samples.subarray(0, size * features), size, input);
}

/** What the softmax of each sample is held against, [N, classes]. */
export function uploadTargets<T>(
  ops: Ops<T>,
  { labels, size }: Batch,
  classes: number,
  smoothing: number,
): T {
  const targets = new Float32Array(size * classes).fill(target(false, classes, smoothing));
  const ofLabel = target(true, classes, smoothing);
  for (let n = 0; n < size; n++) targets[n * classes + labels[n]] = ofLabel;
  return ops.upload(targets, [size, classes]);
}

/** The dropout masks of a pass by node, 1 keeps and 0 drops, in the layout of the nodes' outputs. */
export function uploadDropoutMasks<T>(
  ops: Ops<T>,
  { nodes }: Analysis,
  batch: number,
  seed: number,
): Map<string, T> {
  const masks = new Map<string, T>();
  for (const [index, { name, op, outShape }] of nodes.entries()) {
    if (op.kind !== 'dropout') continue;
    const [channels, height, width] = outShape;
    const plane = height * width;
    const mask = new Uint8Array(batch * plane * channels);
    let at = 0;
    for (let n = 0; n < batch; n++) {
      for (let pixel = 0; pixel < plane; pixel++) {
        for (let c = 0; c < channels; c++) {
          if (dropoutKeeps(op.rate, seed, index, c * plane + pixel, n)) mask[at] = 1;
          at++;
        }
      }
    }
    masks.set(name, ops.upload(mask, activationShape(batch, outShape)));
  }
  return masks;
}
