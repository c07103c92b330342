import { analyse, type AnalysedNode, type Node } from '../../models/graph.ts';
import type { TrainedModel, TrainedParameter } from '../trained-model.ts';
import type { Transform } from '../transforms.ts';
import { constantChannels, isAffine, isPadded, type Constants } from './constants.ts';
import { carrier, liveChannels, type Live } from './live-channels.ts';

/**
 * Removes neurons, channels and filters that cannot influence the output, so that dense runtimes profit from the
 * sparsity as well. What a removed unit still emits (its bias, its batch-norm shift) is folded into the layers that
 * read it: into the bias, or behind padding into the weights of another constant channel. The outputs stay equal up to
 * rounding, the interface (input shape, classes) stays as it is, and the masks follow the weights.
 */
export const shrink: Transform = {
  id: 'shrink',
  title: 'Remove dead units',
  summary:
    'Neurons, channels and filters that cannot influence the output are removed; the outputs stay equal.',
  apply: removeDeadUnits,
};

function removeDeadUnits(model: TrainedModel): TrainedModel {
  const analysis = analyse(model.graph);
  const values = new Map(
    [...model.parameters, ...model.buffers].map((tensor) => [tensor.name, tensor.values]),
  );
  const constants = constantChannels(analysis, values);
  const live = liveChannels(analysis, values, constants);
  const parameters = new Map(model.parameters.map((parameter) => [parameter.name, parameter]));
  const nodes: Node[] = [];
  const kept: TrainedParameter[] = [];
  for (const node of analysis.nodes) {
    const { op, name } = node;
    const of = (suffix: string) => parameters.get(`${name}.${suffix}`)!;
    const stay = live.get(name)!;
    if (isAffine(op)) {
      const weight = foldIntoCarrier(of('weight'), node, live, constants);
      const bias = foldIntoBias(op.bias ? of('bias') : undefined, of('weight'), node, live, constants);
      const outputs = count(stay);
      nodes.push({ name, op: { ...op, outputs, bias: bias !== undefined }, inputs: node.inputs });
      kept.push(select(weight, stay, live.get(node.inputs[0])!), ...(bias ? [select(bias, stay)] : []));
    } else {
      nodes.push({
        name,
        op: op.kind === 'shortcut' ? { ...op, outputs: count(stay) } : op,
        inputs: node.inputs,
      });
      if (op.kind === 'batchNorm') kept.push(select(of('weight'), stay), select(of('bias'), stay));
    }
  }
  return {
    ...model,
    graph: { ...model.graph, nodes },
    parameters: kept,
    buffers: model.buffers.map(({ name, values }) => {
      const stay = live.get(name.slice(0, name.lastIndexOf('.')))!;
      return { name, values: values.filter((_, c) => stay[c]) };
    }),
  };
}

const count = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0);

/** The rows that stay of a parameter, and of a weight the input channels that stay. */
function select(parameter: TrainedParameter, rows: Uint8Array, columns?: Uint8Array): TrainedParameter {
  const { shape, values, mask } = parameter;
  const row = values.length / rows.length;
  const area = columns ? row / columns.length : 1;
  const stays = (_: number, i: number) =>
    rows[Math.floor(i / row)] === 1 && (!columns || columns[Math.floor((i % row) / area)] === 1);
  return {
    ...parameter,
    shape: [count(rows), ...(columns ? [count(columns)] : []), ...shape.slice(columns ? 2 : 1)],
    values: values.filter(stays),
    ...(mask && { mask: mask.filter(stays) }),
  };
}

/** What constant channels that go gave each unit becomes a part of its bias. */
function foldIntoBias(
  bias: TrainedParameter | undefined,
  weight: TrainedParameter,
  node: AnalysedNode,
  live: Live,
  constants: Constants,
): TrainedParameter | undefined {
  const gone = isPadded(node.op) ? [] : goneConstants(node, live, constants);
  const outputs = weight.shape[0];
  const row = weight.values.length / outputs;
  const area = row / weight.shape[1];
  const values = Float32Array.from({ length: outputs }, (_, o) => {
    let sum = bias?.values[o] ?? 0;
    for (const { channel, constant } of gone) {
      const at = o * row + channel * area;
      sum += constant * weight.values.subarray(at, at + area).reduce((a, b) => a + b, 0);
    }
    return sum;
  });
  if (!bias && values.every((value) => value === 0)) return undefined;
  return { ...bias, name: `${node.name}.bias`, shape: [outputs], role: 'bias', values };
}

/** Behind padding, what constant channels that go gave each unit is added to the weights of the one that stays. */
function foldIntoCarrier(
  weight: TrainedParameter,
  node: AnalysedNode,
  live: Live,
  constants: Constants,
): TrainedParameter {
  const gone = isPadded(node.op) ? goneConstants(node, live, constants) : [];
  if (gone.length === 0) return weight;
  const known = constants.get(node.inputs[0])!;
  const to = carrier(known);
  const values = weight.values.slice();
  const mask = weight.mask?.slice();
  const row = values.length / weight.shape[0];
  const area = row / weight.shape[1];
  for (let at = 0; at < values.length; at += row) {
    for (let k = 0; k < area; k++) {
      const target = at + to * area + k;
      let sum = values[target];
      for (const { channel, constant } of gone) {
        sum += (constant / known[to]) * weight.values[at + channel * area + k];
      }
      values[target] = sum;
      if (mask && sum !== 0) mask[target] = 1;
    }
  }
  return { ...weight, values, ...(mask && { mask }) };
}

/** The channels of a layer's input that go although they emit something. */
function goneConstants({ inputs: [input] }: AnalysedNode, live: Live, constants: Constants) {
  const known = [...(constants.get(input) ?? [])];
  return known
    .map((constant, channel) => ({ channel, constant }))
    .filter(
      ({ channel, constant }) => !live.get(input)![channel] && constant !== 0 && !Number.isNaN(constant),
    );
}
