import type { Batch } from '../../main/backends/backend.ts';
import { inferWithEngine } from '../../main/exporters/inference.ts';
import {
  namedTensors,
  type TrainedModel,
  type TrainedParameter,
} from '../../main/exporters/trained-model.ts';
import { analyse, type Graph } from '../../main/models/graph.ts';
import { modelById } from '../../main/models/registry.ts';
import { parseValues } from '../../shared/fields.ts';
import { Random } from '../../shared/random.ts';
import { normals, uniforms } from './networks.ts';

/** A network of the registry for images of a shape, with a normalisation that is not the identity. */
export function registryGraph(id: string, values: object, shape: [number, number, number]): Graph {
  const { fields, build } = modelById(id);
  const channels = Array.from({ length: shape[0] }, (_, c) => c);
  const input = {
    shape,
    scale: channels.map((c) => 0.9 + 0.1 * c),
    shift: channels.map((c) => 0.1 - 0.1 * c),
  };
  return build(parseValues(fields, values as Record<string, unknown>, id), input, 5);
}

/** One small network of every family. */
export const smallGraphs: Readonly<Record<string, () => Graph>> = {
  mlp: () => registryGraph('mlp', { widths: [20, 16, 12] }, [1, 5, 5]),
  lenet5: () => registryGraph('lenet5', {}, [1, 12, 12]),
  convnet: () => registryGraph('convnet', { widths: [6, 8] }, [3, 8, 8]),
  vgg16: () => registryGraph('vgg16', { width: 4 }, [3, 32, 32]),
  resnet20: () => registryGraph('resnet20', { width: 4 }, [3, 8, 8]),
  resnet18: () => registryGraph('resnet18', { width: 4 }, [3, 8, 8]),
  wideresnet: () => registryGraph('wideresnet', { depth: 10, widening: 1 }, [3, 8, 8]),
};

/** Random weights with random masks, and batch norms that have seen data. */
export function randomModel(graph: Graph, seed: number, density = 0.5): TrainedModel {
  const random = new Random(seed);
  const { parameters, buffers } = analyse(graph);
  return {
    graph,
    parameters: parameters.map(({ name, shape, role, size, fanIn }): TrainedParameter => {
      if (role === 'scale') return { name, shape, role, values: uniforms(size, random, 0.5, 1.5) };
      if (role !== 'weight') return { name, shape, role, values: uniforms(size, random, -0.5, 0.5) };
      const mask = Uint8Array.from({ length: size }, () => Number(random.uniform() < density));
      const values = normals(size, random, Math.sqrt(2 / (fanIn * density)));
      return { name, shape, role, mask, values: values.map((value, i) => mask[i] && value) };
    }),
    buffers: buffers.map(({ name, size }) => ({
      name,
      values: name.endsWith('runningVar') ? uniforms(size, random, 0.5, 1.5) : normals(size, random, 0.2),
    })),
    provenance: { run: '01JD', method: 'rigl', seed: String(seed) },
  };
}

/** Inference logits of float samples, [size][classes]. */
export async function logitsOf(model: TrainedModel, { samples, size }: Batch): Promise<Float32Array> {
  const values = samples as Float32Array;
  return (await inferWithEngine(model.graph, namedTensors(model), { values, size, source: 'a test' })).logits;
}

/** Largest difference of two arrays of the same length. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
