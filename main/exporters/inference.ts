import { availableParallelism } from 'node:os';
import { Random } from '../../shared/random.ts';
import { loadNative } from '../backends/native/index.ts';
import { referenceBackend } from '../backends/reference/index.ts';
import type { Graph } from '../models/graph.ts';
import type { Samples } from './exporter.ts';
import { pytorchName, type NamedTensor } from './trained-model.ts';

/** Samples of a self-check. */
export const checkSize = 32;
/** At once; the activations of a wide network are large. */
const batchSize = 8;

/**
 * The logits of a network built from named tensors, [size][classes], by the native kernels, or by the reference engine
 * where they do not load. Both compute in float32 at full precision, which not every GPU does.
 * @param tensors under PyTorch's names; all weights are treated as dense
 */
export async function inferWithEngine(
  graph: Graph,
  tensors: readonly NamedTensor[],
  { values, size }: Samples,
): Promise<{ by: string; logits: Float32Array }> {
  const native = loadNative();
  const backend = native.ok ? native.backend : referenceBackend;
  const threads = native.ok ? availableParallelism() : 1;
  const network = await backend.compile(graph, { maxBatch: batchSize, threads, sparse: new Set() });
  try {
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor.values]));
    for (const { name } of [...network.parameters, ...network.buffers]) {
      await network.write(name, 'value', byName.get(pytorchName(name))!);
    }
    const logits = new Float32Array(size * graph.classes);
    const features = graph.input.shape.reduce((a, b) => a * b, 1);
    for (let from = 0; from < size; from += batchSize) {
      const count = Math.min(batchSize, size - from);
      const samples = values.subarray(from * features, (from + count) * features);
      const part = await network.logits({ samples, labels: new Int32Array(count), size: count });
      logits.set(part, from * graph.classes);
    }
    return { by: `Filigree's ${backend.describe()}`, logits };
  } finally {
    network.dispose();
  }
}

/** Raw samples that the network's own normalisation turns into standard normal ones. */
export function noiseSamples({ input }: Graph, size = checkSize): Samples {
  const random = new Random(0, 'self-check');
  const features = input.shape.reduce((a, b) => a * b, 1);
  const plane = input.shape[1] * input.shape[2];
  const values = Float32Array.from({ length: size * features }, (_, i) => {
    const channel = Math.floor(i / plane) % input.shape[0];
    return (random.normal() - input.shift[channel]) / (input.scale[channel] || 1);
  });
  return { values, size, source: 'seeded noise' };
}
