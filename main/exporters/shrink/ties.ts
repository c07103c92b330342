import type { Analysis } from '../../models/graph.ts';
import { isAffine } from './constants.ts';

export interface Channel {
  /** The layer it is an output of, or `input`. */
  tensor: string;
  channel: number;
}

/**
 * Groups the channels that can only be removed together: elementwise layers and pooling have as many channels as their
 * input, an addition as each of its inputs, a shortcut those of its input first, and a flattened channel is several
 * features. (Union-find with path halving.)
 */
export class Ties {
  /** Every tensor and its number of channels. */
  readonly channels: ReadonlyMap<string, number>;
  readonly #first = new Map<string, number>();
  readonly #parent: number[] = [];

  constructor({ nodes }: Analysis) {
    const input = nodes.find(({ inputs }) => inputs.includes('input'))!.inShapes[0][0];
    this.channels = new Map([['input', input], ...nodes.map((n) => [n.name, n.outShape[0]] as const)]);
    for (const [tensor, channels] of this.channels) {
      this.#first.set(tensor, this.#parent.length);
      for (let c = 0; c < channels; c++) this.#parent.push(this.#parent.length);
    }
    for (const { name, op, inputs, inShapes, outShape } of nodes) {
      if (isAffine(op)) continue;
      const plane = op.kind === 'flatten' ? inShapes[0][1] * inShapes[0][2] : 1;
      for (const [i, input] of inputs.entries()) {
        const shared = Math.min(outShape[0], inShapes[i][0] * plane);
        for (let c = 0; c < shared; c++) {
          this.#parent[this.groupOf(name, c)] = this.groupOf(input, Math.floor(c / plane));
        }
      }
    }
  }

  groupOf(tensor: string, channel: number): number {
    const parent = this.#parent;
    let at = this.#first.get(tensor)! + channel;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]];
    return at;
  }

  members(): Map<number, Channel[]> {
    const groups = new Map<number, Channel[]>();
    for (const [tensor, channels] of this.channels) {
      for (let channel = 0; channel < channels; channel++) {
        const group = this.groupOf(tensor, channel);
        const members = groups.get(group) ?? [];
        members.push({ tensor, channel });
        groups.set(group, members);
      }
    }
    return groups;
  }
}
