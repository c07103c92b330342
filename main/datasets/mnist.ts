import { idxSource } from './idx-source.ts';

export const mnist = idxSource({
  id: 'mnist',
  title: 'MNIST',
  summary: 'Handwritten digits, 28 × 28 grey (LeCun, Cortes and Burges 1998).',
  licence: 'CC BY-SA 3.0, Yann LeCun and Corinna Cortes',
  classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  mirrors: [
    'https://ossci-datasets.s3.amazonaws.com/mnist/',
    'https://storage.googleapis.com/cvdf-datasets/mnist/',
  ],
  // The first digest is that of the original distribution's content. The second is a copy in circulation with the
  // samples of each split in another order; its class counts, mean and variance equal those of the original.
  sha256: {
    'train-images-idx3-ubyte.gz': [
      'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      '58dbee48134e888335e72db5e8973a455eb5fabd65b92aaaa94163a85764c8ef',
    ],
    'train-labels-idx1-ubyte.gz': [
      '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
      'a7a000f88acebef0832bb44faca0f9aa7b5914ef31ff773787accd422e257c35',
    ],
    't10k-images-idx3-ubyte.gz': [
      '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      'a32e1a2d7c42ce17a209acf01ee5dc4515699f5f32d0efb13d704a0861bd081a',
    ],
    't10k-labels-idx1-ubyte.gz': [
      'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
      '3e48e976eda12e5ad7d8485a914ae5af51d042baeeea6ff5adcb33fa4adefd4d',
    ],
  },
  trainCount: 60_000,
  testCount: 10_000,
});
