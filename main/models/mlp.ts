import { defineFields } from '../../shared/fields.ts';
import { GraphBuilder } from './builder.ts';
import { defineModel } from './model.ts';

export const mlp = defineModel({
  id: 'mlp',
  title: 'Multilayer perceptron',
  summary: 'Fully connected layers with ReLU between them; takes any data.',
  fields: defineFields({
    widths: {
      type: 'integers',
      default: [200, 80],
      min: 1,
      max: 65536,
      maxLength: 32,
      label: 'Hidden widths',
      help: 'Units of each hidden layer, from input to output. An empty list gives logistic regression; 300,100 is LeNet-300-100.',
      paper: 'arXiv 2105.04319 (784-200-80-10)',
    },
  }),
  build({ widths }, input, classes) {
    const net = new GraphBuilder();
    net.add('flatten', { kind: 'flatten' });
    for (const [i, width] of widths.entries()) {
      net.linear(`fc${i + 1}`, width);
      net.relu(`relu${i + 1}`);
    }
    net.linear(`fc${widths.length + 1}`, classes);
    return net.finish(input, classes);
  },
});
