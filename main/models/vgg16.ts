import { defineFields } from '../../shared/fields.ts';
import { GraphBuilder, requireImages } from './builder.ts';
import { defineModel } from './model.ts';

/** Convolutions per stage and their channels as multiples of the first stage's (configuration D). */
const stages = [
  { convolutions: 2, multiple: 1 },
  { convolutions: 2, multiple: 2 },
  { convolutions: 3, multiple: 4 },
  { convolutions: 3, multiple: 8 },
  { convolutions: 3, multiple: 8 },
];

export const vgg16 = defineModel({
  id: 'vgg16',
  title: 'VGG-16 (CIFAR)',
  summary: 'Thirteen 3 x 3 convolutions with batch norm in five stages, then one linear layer.',
  paper: {
    title: 'Very Deep Convolutional Networks for Large-Scale Image Recognition',
    reference: 'arXiv 1409.1556',
  },
  fields: defineFields({
    width: {
      type: 'integer',
      default: 64,
      min: 1,
      max: 512,
      label: 'Channels',
      help: 'Output channels of the first stage; the others have 2, 4, 8 and 8 times as many. 64 is the published network.',
      paper: 'arXiv 1409.1556, Table 1, configuration D',
    },
  }),
  build({ width }, input, classes) {
    requireImages('VGG-16', input.shape, 32);
    const net = new GraphBuilder();
    let i = 0;
    for (const [s, stage] of stages.entries()) {
      for (let j = 0; j < stage.convolutions; j++) {
        i++;
        net.conv(`conv${i}`, width * stage.multiple, 3);
        net.batchNorm(`bn${i}`);
        net.relu(`relu${i}`);
      }
      net.maxPool(`pool${s + 1}`);
    }
    net.add('avgpool', { kind: 'globalAvgPool' });
    net.linear('fc', classes);
    return net.finish(input, classes);
  },
});
