import { idxSource } from './idx-source.ts';

export const kmnist = idxSource({
  id: 'kmnist',
  title: 'Kuzushiji-MNIST',
  summary: 'Cursive Japanese characters, 28 × 28 grey (arXiv 1812.01718).',
  licence: 'CC BY-SA 4.0, ROIS-DS Center for Open Data in the Humanities',
  classNames: ['o', 'ki', 'su', 'tsu', 'na', 'ha', 'ma', 'ya', 're', 'wo'],
  mirrors: [
    'https://codh.rois.ac.jp/kmnist/dataset/kmnist/',
    'http://codh.rois.ac.jp/kmnist/dataset/kmnist/',
  ],
  // Digests of the gzip files as published, so that only these are accepted, not unpacked or recompressed copies.
  sha256: {
    'train-images-idx3-ubyte.gz': ['51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4'],
    'train-labels-idx1-ubyte.gz': ['e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17'],
    't10k-images-idx3-ubyte.gz': ['edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5'],
    't10k-labels-idx1-ubyte.gz': ['20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c'],
  },
  trainCount: 60_000,
  testCount: 10_000,
});
