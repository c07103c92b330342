import type { ArrangementKind, EntryPosition, FieldShape } from '../../masks/arrangement.ts';
import type { ColoringKind } from './state.ts';

export const arrangementNames: Readonly<Record<ArrangementKind, { label: string; hint: string }>> = {
  matrix: { label: 'Outputs × inputs', hint: 'As it is stored; a convolution is O × (I·kh·kw)' },
  inputs: { label: 'Inputs × outputs', hint: 'An input (channel) is a row' },
  filters: { label: 'Filter grid', hint: 'Every kernel as a small picture, one band per output channel' },
  channels: { label: 'Channels last', hint: '(O·kh·kw) × I: the order in which n:m patterns are grouped' },
  fields: { label: 'Receptive fields', hint: 'The inputs of every neuron as a picture' },
};

export const coloringNames: Readonly<Record<ColoringKind, { label: string; hint: string }>> = {
  mask: { label: 'Mask', hint: 'Alive or dead; from afar the density' },
  weights: { label: 'Weights', hint: 'Signed weights of the newest checkpoint' },
  age: { label: 'Age', hint: 'Since which step a weight has been alive' },
  flips: { label: 'Flips', hint: 'How often a weight was pruned or grown' },
};

/** An entry in words: which weight of the network it is. */
export function entryName({ output, input, tap }: EntryPosition, field: FieldShape | undefined): string {
  if (tap) return `out channel ${output}, in channel ${input}, tap (${tap.y}, ${tap.x})`;
  if (!field) return `neuron ${output}, input ${input}`;
  const pixel = input % (field.height * field.width);
  const place = `pixel (${Math.floor(pixel / field.width)}, ${pixel % field.width})`;
  const channel = field.channels > 1 ? `, channel ${Math.floor(input / (field.height * field.width))}` : '';
  return `neuron ${output}, ${place}${channel}`;
}
