import type { ExportPreview, NetworkSize } from '../../shared/export-result.ts';
import { inferenceFlops } from '../flops/count.ts';
import { analyse, type Graph } from '../models/graph.ts';

export function networkSize(graph: Graph): NetworkSize {
  const { parameters } = analyse(graph);
  return {
    parameters: parameters.reduce((sum, { size }) => sum + size, 0),
    inferenceFlops: inferenceFlops(parameters),
  };
}

/** Linear layers and convolutions that a transform has left fewer units or filters. */
export function removedUnits(before: Graph, after: Graph): ExportPreview['removed'] {
  const left = unitsOf(after);
  return [...unitsOf(before)]
    .map(([name, units]) => ({ name, before: units, after: left.get(name) ?? 0 }))
    .filter((layer) => layer.after < layer.before);
}

function unitsOf({ nodes }: Graph): Map<string, number> {
  return new Map(
    nodes.flatMap(({ name, op }) =>
      op.kind === 'linear' || op.kind === 'conv2d' ? [[name, op.outputs] as const] : [],
    ),
  );
}
