import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assembleDataset } from './assemble.ts';
import { defineDataset } from './dataset.ts';
import { fashionClassNames } from './fashion-mnist.ts';
import { publishedFiles, readIdxSplits } from './idx-source.ts';

const folder = fileURLToPath(new URL('../../resources/fashion-mnist-mini', import.meta.url));

/** Digests of the content, printed by scripts/make-embedded-data.mjs. */
const files = publishedFiles({
  'train-images-idx3-ubyte.gz': ['0b2eb156d3aa04c4298125508fce49701d2188ad6828bf52ee7e85e958bce363'],
  'train-labels-idx1-ubyte.gz': ['8f811700f265c41494e71825fecc11d0aed67b7dcc18908cf48d504431dcbc95'],
  't10k-images-idx3-ubyte.gz': ['5051dc04d3ac365fec76873873417f920c83b42299ea5fa7dc323e2198672592'],
  't10k-labels-idx1-ubyte.gz': ['48155b41ba304c08fa8b08fc9a01e1bc235f3f1f2696d899e8b1ba713d22069b'],
});

export const fashionMnistMini = defineDataset({
  id: 'fashion-mnist-mini',
  title: 'Fashion-MNIST mini',
  summary:
    'Comes with Filigree: 1000 training and 200 test images of each Fashion-MNIST class, from the original splits.',
  licence: 'MIT, Zalando SE',
  fields: {},
  outline: () => ({ shape: [1, 28, 28], classes: 10, trainCount: 10_000, testCount: 2_000 }),
  locate: () => 'embedded',
  async load() {
    const paths = files.map((file) => join(folder, file.name));
    const { train, test } = await readIdxSplits(paths, files, { train: 10_000, test: 2_000 });
    return assembleDataset({
      id: 'fashion-mnist-mini',
      title: 'Fashion-MNIST mini',
      shape: [1, 28, 28],
      classNames: fashionClassNames,
      train,
      test,
      origin: 'embedded',
    });
  },
});
