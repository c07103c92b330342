import { UserError } from '../../shared/errors.ts';
import { defineFields } from '../../shared/fields.ts';
import { GraphBuilder, requireImages } from './builder.ts';
import { defineModel } from './model.ts';

export const wideresnet = defineModel({
  id: 'wideresnet',
  title: 'Wide ResNet',
  summary: 'Three stages of wide pre-activation blocks: WRN-d-k, from WRN-22-2 to WRN-28-10 and beyond.',
  paper: { title: 'Wide Residual Networks', reference: 'arXiv 1605.07146' },
  fields: defineFields({
    depth: {
      type: 'integer',
      default: 22,
      min: 10,
      max: 100,
      label: 'Depth d',
      help: 'Layers: 6n + 4, with n blocks in each stage (10, 16, 22, 28, 34, 40 ...).',
      paper: 'arXiv 1605.07146, section 3',
    },
    widening: {
      type: 'integer',
      default: 2,
      min: 1,
      max: 20,
      label: 'Widening factor k',
      help: 'The stages have 16k, 32k and 64k channels. WRN-28-10 has 36.5 million parameters.',
      paper: 'arXiv 1605.07146, Table 1',
    },
    dropout: {
      type: 'number',
      default: 0,
      min: 0,
      max: 1,
      exclusiveMax: true,
      label: 'Dropout rate',
      help: 'Share of the activations dropped between the two convolutions of each block; the paper takes 0.3 on CIFAR.',
      paper: 'arXiv 1605.07146, section 2.4',
    },
  }),
  build({ depth, widening, dropout }, input, classes) {
    if ((depth - 4) % 6 !== 0) {
      const below = Math.floor((depth - 4) / 6) * 6 + 4;
      throw new UserError(
        'bad-config',
        `model.depth: ${depth} is not 6n + 4; the nearest depths are ${below} and ${below + 6}`,
        'model.depth',
      );
    }
    requireImages('a Wide ResNet', input.shape, 8);
    const net = new GraphBuilder();
    let channels = 16;
    net.conv('conv1', channels, 3);
    for (const [s, base] of [16, 32, 64].entries()) {
      for (let b = 0; b < (depth - 4) / 6; b++) {
        const width = base * widening;
        const block = { width, stride: s > 0 && b === 0 ? 2 : 1, project: width !== channels, dropout };
        preActivationBlock(net, `layer${s + 1}.${b}`, block);
        channels = width;
      }
    }
    net.batchNorm('bn');
    net.relu('relu');
    net.add('avgpool', { kind: 'globalAvgPool' });
    net.linear('fc', classes);
    return net.finish(input, classes);
  },
});

interface Block {
  width: number;
  stride: number;
  /** Whether the shortcut needs a 1 x 1 convolution; it then shares the block's first BN and ReLU. */
  project: boolean;
  dropout: number;
}

/** BN-ReLU-conv-BN-ReLU-dropout-conv, plus the input (arXiv 1605.07146, Figure 1d). */
function preActivationBlock(
  net: GraphBuilder,
  name: string,
  { width, stride, project, dropout }: Block,
): void {
  const input = net.last;
  net.batchNorm(`${name}.bn1`);
  const activated = net.relu(`${name}.relu1`);
  net.conv(`${name}.conv1`, width, 3, stride);
  net.batchNorm(`${name}.bn2`);
  net.relu(`${name}.relu2`);
  if (dropout > 0) net.add(`${name}.dropout`, { kind: 'dropout', rate: dropout });
  const branch = net.conv(`${name}.conv2`, width, 3);
  const identity = project ? net.conv(`${name}.shortcut`, width, 1, stride, activated) : input;
  net.add(`${name}.add`, { kind: 'add' }, [branch, identity]);
}
