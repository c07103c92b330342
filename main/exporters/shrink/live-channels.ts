import type { AnalysedNode, Analysis } from '../../models/graph.ts';
import { isAffine, isPadded, type Constants, type Values } from './constants.ts';
import { Ties } from './ties.ts';

/** Per layer, and `input`: 1 for the channels of its output that stay, 0 for those that go. */
export type Live = ReadonlyMap<string, Uint8Array>;

/**
 * Finds the channels that the output needs, going back from it: a channel stays if a weight of a unit that stays reads
 * it, unless it is constant and what it gives the unit can be folded elsewhere. What is tied stays or goes together,
 * the input stays whole, and every layer keeps at least one channel.
 */
export function liveChannels(analysis: Analysis, values: Values, constants: Constants): Live {
  const { nodes } = analysis;
  const affine = new Map(nodes.filter(({ op }) => isAffine(op)).map((node) => [node.name, node]));
  const ties = new Ties(analysis);
  const members = ties.members();
  const live = new Set<number>();

  const keep = (tensor: string, channel: number) => {
    const waiting = [ties.groupOf(tensor, channel)];
    for (let group = waiting.pop(); group !== undefined; group = waiting.pop()) {
      if (live.has(group)) continue;
      live.add(group);
      for (const { tensor, channel } of members.get(group)!) {
        const node = affine.get(tensor);
        if (!node) continue;
        for (const read of channelsRead(node, channel, values, constants))
          waiting.push(ties.groupOf(node.inputs[0], read));
      }
    }
  };
  const kept = (tensor: string) =>
    Uint8Array.from({ length: ties.channels.get(tensor)! }, (_, c) =>
      Number(live.has(ties.groupOf(tensor, c))),
    );

  for (const tensor of ['input', nodes.at(-1)!.name]) {
    for (let c = 0; c < ties.channels.get(tensor)!; c++) keep(tensor, c);
  }
  for (const { name } of nodes) {
    if (kept(name).includes(1)) continue;
    // A constant one, where there is one, needs nothing of the layer before.
    const constant = constants.get(name)!.findIndex((value) => !Number.isNaN(value));
    keep(name, Math.max(0, constant));
  }
  return new Map([...ties.channels.keys()].map((tensor) => [tensor, kept(tensor)]));
}

/** The input channels that one unit of a linear layer or convolution cannot do without. */
function* channelsRead(
  { name, op, inputs, inShapes, outShape }: AnalysedNode,
  unit: number,
  values: Values,
  constants: Constants,
): Generator<number> {
  const weight = values.get(`${name}.weight`)!;
  const row = weight.length / outShape[0];
  const area = row / inShapes[0][0];
  const known = constants.get(inputs[0]);
  for (let c = 0; c < inShapes[0][0]; c++) {
    const at = unit * row + c * area;
    if (weight.subarray(at, at + area).every((w) => w === 0)) continue;
    const constant = known ? known[c] : NaN;
    if (Number.isNaN(constant)) yield c;
    else if (constant !== 0 && isPadded(op)) yield carrier(known!);
  }
}

/**
 * Behind padding a constant channel cannot become a bias, but all of them are multiples of one: the channel with the
 * largest constant, which stays for them.
 */
export function carrier(constants: Float64Array): number {
  const sizes = constants.map((value) => (Number.isNaN(value) ? 0 : Math.abs(value)));
  return sizes.indexOf(sizes.reduce((a, b) => Math.max(a, b), 0));
}
