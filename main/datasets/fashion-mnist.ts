import { idxSource } from './idx-source.ts';

export const fashionClassNames = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

export const fashionMnist = idxSource({
  id: 'fashion-mnist',
  title: 'Fashion-MNIST',
  summary: 'Photographs of clothing, 28 × 28 grey: harder than MNIST at the same size (arXiv 1708.07747).',
  licence: 'MIT, Zalando SE',
  classNames: fashionClassNames,
  mirrors: [
    'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
    'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
  ],
  // Where Debian's package dataset-fashion-mnist installs its copy.
  systemFolders: ['/usr/share/datasets/fashion-mnist'],
  // Digests of the content: Debian's files are compressed differently.
  sha256: {
    'train-images-idx3-ubyte.gz': ['c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888'],
    'train-labels-idx1-ubyte.gz': ['bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9'],
    't10k-images-idx3-ubyte.gz': ['5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b'],
    't10k-labels-idx1-ubyte.gz': ['0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34'],
  },
  trainCount: 60_000,
  testCount: 10_000,
});
