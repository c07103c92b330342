import { defineFields } from '../../shared/fields.ts';
import { GraphBuilder, requireImages } from './builder.ts';
import type { Graph } from './graph.ts';
import { defineModel } from './model.ts';

/** How a block's input reaches its sum where the shape changes (arXiv 1512.03385, section 3.3). */
type Shortcut = 'zero-padding' | 'projection';

interface Architecture {
  /** Channels of each stage; every stage after the first halves height and width. */
  stages: readonly number[];
  blocksPerStage: number;
  shortcut: Shortcut;
}

const paper = { title: 'Deep Residual Learning for Image Recognition', reference: 'arXiv 1512.03385' };

export const resnet20 = defineModel({
  id: 'resnet20',
  title: 'ResNet-20 (CIFAR)',
  summary: 'Three stages of three basic blocks with parameter-free shortcuts (option A).',
  paper,
  fields: defineFields({
    width: {
      type: 'integer',
      default: 16,
      min: 1,
      max: 512,
      label: 'Channels',
      help: 'Output channels of the first stage; the others have 2 and 4 times as many. 16 is the published network.',
      paper: 'arXiv 1512.03385, section 4.2',
    },
  }),
  build({ width }, input, classes) {
    requireImages('ResNet-20', input.shape, 8);
    const stages = [width, 2 * width, 4 * width];
    return residual({ stages, blocksPerStage: 3, shortcut: 'zero-padding' }, input, classes);
  },
});

export const resnet18 = defineModel({
  id: 'resnet18',
  title: 'ResNet-18 (CIFAR)',
  summary: 'Four stages of two basic blocks after a 3 x 3 stem, with 1 x 1 projection shortcuts.',
  paper,
  fields: defineFields({
    width: {
      type: 'integer',
      default: 64,
      min: 1,
      max: 512,
      label: 'Channels',
      help: 'Output channels of the first stage; the others have 2, 4 and 8 times as many. 64 is the published network.',
      paper: 'arXiv 1512.03385, Table 1, with the stem of arXiv 2105.04319 for 32 x 32 images',
    },
  }),
  build({ width }, input, classes) {
    requireImages('ResNet-18', input.shape, 8);
    const stages = [width, 2 * width, 4 * width, 8 * width];
    return residual({ stages, blocksPerStage: 2, shortcut: 'projection' }, input, classes);
  },
});

function residual(
  { stages, blocksPerStage, shortcut }: Architecture,
  input: Graph['input'],
  classes: number,
): Graph {
  const net = new GraphBuilder();
  net.conv('conv1', stages[0], 3);
  net.batchNorm('bn1');
  net.relu('relu');
  let channels = stages[0];
  for (const [s, width] of stages.entries()) {
    for (let b = 0; b < blocksPerStage; b++) {
      const stride = s > 0 && b === 0 ? 2 : 1;
      basicBlock(net, `layer${s + 1}.${b}`, width, stride, width === channels ? undefined : shortcut);
      channels = width;
    }
  }
  net.add('avgpool', { kind: 'globalAvgPool' });
  net.linear('fc', classes);
  return net.finish(input, classes);
}

/** conv-BN-ReLU-conv-BN, plus the input, then ReLU (arXiv 1512.03385, Figure 5 left). */
function basicBlock(
  net: GraphBuilder,
  name: string,
  width: number,
  stride: number,
  shortcut?: Shortcut,
): void {
  const input = net.last;
  net.conv(`${name}.conv1`, width, 3, stride);
  net.batchNorm(`${name}.bn1`);
  net.relu(`${name}.relu1`);
  net.conv(`${name}.conv2`, width, 3);
  const branch = net.batchNorm(`${name}.bn2`);
  let identity = input;
  if (shortcut === 'zero-padding') {
    identity = net.add(`${name}.shortcut`, { kind: 'shortcut', outputs: width, stride }, [input]);
  } else if (shortcut === 'projection') {
    net.conv(`${name}.downsample.0`, width, 1, stride, input);
    identity = net.batchNorm(`${name}.downsample.1`);
  }
  net.add(`${name}.add`, { kind: 'add' }, [branch, identity]);
  net.relu(`${name}.relu2`);
}
