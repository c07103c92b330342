import { defineFields } from '../../shared/fields.ts';
import { GraphBuilder, requireImages } from './builder.ts';
import { defineModel } from './model.ts';

export const convnet = defineModel({
  id: 'convnet',
  title: 'Small ConvNet',
  summary: 'Blocks of 3 x 3 convolution, batch norm, ReLU and 2 x 2 max pooling, then one linear layer.',
  fields: defineFields({
    widths: {
      type: 'integers',
      default: [32, 64],
      min: 1,
      max: 4096,
      maxLength: 8,
      label: 'Block widths',
      help: 'Output channels of each block, from input to output. Every block halves height and width.',
      paper: 'compare arXiv 2105.04319 (two convolutions of 64 channels)',
    },
  }),
  build({ widths }, input, classes) {
    requireImages(`a ConvNet of ${widths.length} blocks`, input.shape, 2 ** widths.length);
    const net = new GraphBuilder();
    for (const [i, width] of widths.entries()) {
      net.conv(`conv${i + 1}`, width, 3);
      net.batchNorm(`bn${i + 1}`);
      net.relu(`relu${i + 1}`);
      net.maxPool(`pool${i + 1}`);
    }
    net.add('flatten', { kind: 'flatten' });
    net.linear('fc', classes);
    return net.finish(input, classes);
  },
});
