import { cifarSource } from './cifar.ts';

const classNames =
  'apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle ' +
  'caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant ' +
  'flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man ' +
  'maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree ' +
  'plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper ' +
  'snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train ' +
  'trout tulip turtle wardrobe whale willow_tree wolf woman worm';

export const cifar100 = cifarSource({
  id: 'cifar100',
  title: 'CIFAR-100',
  summary: 'Natural images of a hundred (fine) classes, 32 × 32 RGB (Krizhevsky 2009).',
  licence: 'none stated; research use with citation of Krizhevsky 2009',
  classNames: classNames.split(' '),
  mirrors: ['https://www.cs.toronto.edu/~kriz/', 'http://www.cs.toronto.edu/~kriz/'],
  archive: {
    name: 'cifar-100-binary.tar.gz',
    sha256: ['58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec'],
  },
  archiveFolder: 'cifar-100-binary',
  labelBytes: 2,
  train: [
    {
      name: 'train.bin',
      count: 50_000,
      sha256: ['f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29'],
    },
  ],
  test: [
    {
      name: 'test.bin',
      count: 10_000,
      sha256: ['d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a'],
    },
  ],
});
