import type { Graph, Node } from '../models/graph.ts';
import type { TrainedModel, TrainedParameter } from './trained-model.ts';
import type { Transform } from './transforms.ts';

/**
 * A batch norm that alone follows a convolution or linear layer becomes part of it: with s = γ / √(σ² + ε), the row
 * w[o] ← s[o]·w[o] and the bias b[o] ← s[o]·(b[o] − μ[o]) + β[o]. Masks stay; others (before a convolution, or after
 * a sum) are kept.
 */
export const foldBatchNorm: Transform = {
  id: 'fold-batch-norm',
  title: 'Fold batch norm',
  summary: 'Batch norm becomes part of the convolution or linear layer before it, where there is one.',
  apply: (model) => model.graph.nodes.reduce((folded, { name }) => fold(folded, name), model),
};

function fold(model: TrainedModel, node: string): TrainedModel {
  const { graph, parameters, buffers } = model;
  const norm = graph.nodes.find(({ name }) => name === node)!;
  const layer = graph.nodes.find(({ name }) => name === norm.inputs[0]);
  if (norm.op.kind !== 'batchNorm' || !layer) return model;
  const consumers = graph.nodes.filter(({ inputs }) => inputs.includes(layer.name));
  if ((layer.op.kind !== 'conv2d' && layer.op.kind !== 'linear') || consumers.length > 1) return model;

  const of = (name: string) => parameters.find((p) => p.name === name)?.values;
  const buffer = (name: string) => buffers.find((b) => b.name === `${norm.name}.${name}`)!.values;
  const { epsilon } = norm.op;
  const variance = buffer('runningVar');
  const mean = buffer('runningMean');
  const scale = Float64Array.from(of(`${norm.name}.weight`)!, (g, o) => g / Math.sqrt(variance[o] + epsilon));
  const bias = of(`${layer.name}.bias`);
  const shift = of(`${norm.name}.bias`)!.map((beta, o) => scale[o] * ((bias?.[o] ?? 0) - mean[o]) + beta);

  const kept = parameters.filter(({ name }) => !isOf(norm, name) && name !== `${layer.name}.bias`);
  return {
    ...model,
    graph: withoutNorm(graph, layer, norm),
    parameters: kept.flatMap((parameter): TrainedParameter[] =>
      parameter.name === `${layer.name}.weight`
        ? [
            scaleRows(parameter, scale),
            { name: `${layer.name}.bias`, shape: [shift.length], role: 'bias', values: shift },
          ]
        : [parameter],
    ),
    buffers: buffers.filter(({ name }) => !isOf(norm, name)),
  };
}

/** `<node>.weight` is of the node; `<node>.1.weight` is not. */
const isOf = (node: Node, name: string) => name.slice(0, name.lastIndexOf('.')) === node.name;

function scaleRows(weight: TrainedParameter, scale: Float64Array): TrainedParameter {
  const row = weight.values.length / scale.length;
  // What is 0 stays +0, whatever the sign of the scale.
  return { ...weight, values: weight.values.map((w, i) => w && w * scale[Math.floor(i / row)]) };
}

/** The layer gets a bias; whoever read the batch norm reads the layer. */
function withoutNorm(graph: Graph, layer: Node, norm: Node): Graph {
  const nodes = graph.nodes.flatMap((node): Node[] => {
    if (node === norm) return [];
    if (node === layer) return [{ ...node, op: { ...layer.op, bias: true } as Node['op'] }];
    return [{ ...node, inputs: node.inputs.map((name) => (name === norm.name ? layer.name : name)) }];
  });
  return { ...graph, nodes };
}
