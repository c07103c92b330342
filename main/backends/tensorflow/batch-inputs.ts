import type { Analysis, Graph } from '../../models/graph.ts';
import type { Batch } from '../backend.ts';
import { dropoutKeeps } from '../dropout.ts';
import type { Ops } from './ops.ts';

/** The first `size` samples [N, C, H, W], bytes where the data set holds bytes. */
export function uploadSamples<T>(ops: Ops<T>, { samples, size }: Batch, { input }: Graph): T {
  const features = input.shape.reduce((a, b) => a * b, 1);
  return ops.upload(samples.subarray(0, size * features), [size, ...input.shape]);
}

/** Class indices as numbers [N, 1]. */
export function uploadLabels<T>(ops: Ops<T>, { labels, size }: Batch): T {
  return ops.upload(Float32Array.from(labels.subarray(0, size)), [size, 1]);
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
    masks.set(name, ops.upload(mask, plane === 1 ? [batch, channels] : [batch, height, width, channels]));
  }
  return masks;
}
