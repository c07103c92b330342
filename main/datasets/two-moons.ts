import { Random } from '../../shared/random.ts';
import { assembleDataset } from './assemble.ts';
import { defineDataset, type Split } from './dataset.ts';
import { sampleCountFields, seedField } from './synthetic.ts';

export const twoMoons = defineDataset({
  id: 'two-moons',
  title: 'Two moons',
  summary:
    'Two interleaved half circles in the plane with Gaussian noise: trains in a second, easy to picture.',
  licence: 'generated',
  fields: {
    noise: {
      type: 'number',
      label: 'Noise',
      help: 'Standard deviation added to both coordinates of points on half circles of radius 1.',
      default: 0.1,
      min: 0,
      max: 10,
    },
    ...sampleCountFields,
    seed: seedField,
  },
  outline: ({ trainCount, testCount }) => ({ shape: [2, 1, 1], classes: 2, trainCount, testCount }),
  locate: () => 'generated',
  async load({ noise, trainCount, testCount, seed }) {
    return assembleDataset({
      id: 'two-moons',
      title: 'Two moons',
      shape: [2, 1, 1],
      classNames: ['upper', 'lower'],
      train: drawMoons(trainCount, noise, new Random(seed, 'train')),
      test: drawMoons(testCount, noise, new Random(seed, 'test')),
      origin: 'generated',
    });
  },
});

/** Alternating labels: both classes have the same size, or the upper moon one more. */
function drawMoons(count: number, noise: number, random: Random): Split {
  const samples = new Float32Array(count * 2);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const lower = i % 2;
    const angle = Math.PI * random.uniform();
    const x = lower ? 1 - Math.cos(angle) : Math.cos(angle);
    const y = lower ? 0.5 - Math.sin(angle) : Math.sin(angle);
    samples[2 * i] = x + noise * random.normal();
    samples[2 * i + 1] = y + noise * random.normal();
    labels[i] = lower;
  }
  return { samples, labels, count };
}
