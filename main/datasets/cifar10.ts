import { cifarSource } from './cifar.ts';

export const cifar10 = cifarSource({
  id: 'cifar10',
  title: 'CIFAR-10',
  summary: 'Natural images of ten classes, 32 × 32 RGB (Krizhevsky 2009).',
  licence: 'none stated; research use with citation of Krizhevsky 2009',
  classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  mirrors: [
    'https://www.cs.toronto.edu/~kriz/',
    'https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/',
  ],
  archive: {
    name: 'cifar-10-binary.tar.gz',
    sha256: ['c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd'],
  },
  archiveFolder: 'cifar-10-batches-bin',
  labelBytes: 1,
  train: [
    'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5',
    'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed',
    'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67',
    '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48',
    '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add',
  ].map((digest, i) => ({ name: `data_batch_${i + 1}.bin`, count: 10_000, sha256: [digest] })),
  test: [
    {
      name: 'test_batch.bin',
      count: 10_000,
      sha256: ['8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b'],
    },
  ],
});
