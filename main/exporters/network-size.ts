import { analyse, type Graph } from '../models/graph.ts';

/** A network as a dense runtime executes it. */
export interface NetworkSize {
  /** Weights, biases and batch-norm scales and shifts. */
  parameters: number;
  /** Multiply-accumulates of one forward pass of one sample. */
  macs: number;
}

export function networkSize(graph: Graph): NetworkSize {
  const { parameters, macs } = analyse(graph);
  return { parameters: parameters.reduce((sum, { size }) => sum + size, 0), macs };
}

/** Linear layers and convolutions that have fewer units or filters than before a transform. */
export function removedUnits(before: Graph, after: Graph): { name: string; before: number; after: number }[] {
  const units = (graph: Graph) =>
    new Map(
      graph.nodes.flatMap(({ name, op }) =>
        op.kind === 'linear' || op.kind === 'conv2d' ? [[name, op.outputs] as const] : [],
      ),
    );
  const left = units(after);
  return [...units(before)]
    .map(([name, count]) => ({ name, before: count, after: left.get(name) ?? 0 }))
    .filter((layer) => layer.after < layer.before);
}
