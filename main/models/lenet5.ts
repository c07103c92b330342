import { GraphBuilder, requireImages } from './builder.ts';
import { defineModel } from './model.ts';

export const lenet5 = defineModel({
  id: 'lenet5',
  title: 'LeNet-5',
  summary:
    'Two 5 x 5 convolutions and three linear layers, for digits and other small images; ReLU and max pooling.',
  paper: {
    title: 'Gradient-based learning applied to document recognition',
    reference: 'Proc. IEEE 86(11), 1998',
  },
  fields: {},
  build(_, input, classes) {
    requireImages('LeNet-5', input.shape, 12);
    // The original pads 28 x 28 digits to 32 x 32.
    const padding = Math.min(input.shape[1], input.shape[2]) < 32 ? 2 : 0;
    const net = new GraphBuilder();
    net.add('conv1', { kind: 'conv2d', outputs: 6, kernel: [5, 5], stride: 1, padding, bias: true });
    net.relu('relu1');
    net.maxPool('pool1');
    net.add('conv2', { kind: 'conv2d', outputs: 16, kernel: [5, 5], stride: 1, padding: 0, bias: true });
    net.relu('relu2');
    net.maxPool('pool2');
    net.add('flatten', { kind: 'flatten' });
    net.linear('fc1', 120);
    net.relu('relu3');
    net.linear('fc2', 84);
    net.relu('relu4');
    net.linear('fc3', classes);
    return net.finish(input, classes);
  },
});
