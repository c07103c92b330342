import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { datasetById } from '../../../../main/datasets/registry.ts';
import type { Dataset, Split } from '../../../../main/datasets/dataset.ts';
import { parseValues } from '../../../../shared/fields.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const shared = join(root, '../shared/data');

/** A test of real data that is skipped, aloud, where the data is not there. */
function testWith(path: string, title: string, body: () => void | Promise<void>): void {
  if (existsSync(path)) {
    test(title, body);
    return;
  }
  console.warn(`skipped: ${title}: ${path} is not there`);
  test.skip(`${title} (skipped: ${path} is not there)`, body);
}

function load(id: string, raw: Record<string, unknown>): Promise<Dataset> {
  const source = datasetById(id);
  return source.load(parseValues(source.fields, raw, 'dataset'), {
    dataFolder: tmpdir(),
    allowDownload: false,
  });
}

const perClass = ({ labels }: Split) =>
  Array.from({ length: 10 }, (_, c) => labels.filter((l) => l === c).length);

testWith(join(shared, 'mnist'), 'MNIST has its known class counts, mean and variance', async () => {
  const { train, test, normalization } = await load('mnist', { folder: join(shared, 'mnist') });
  expect(perClass(train)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  expect(perClass(test)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  // 0.1307 and 0.3081 in the usual units, of which these are the exact values times 255.
  expect(1 / normalization.scale[0]).toBeCloseTo(78.56748998339798, 8);
  expect(-normalization.shift[0] / normalization.scale[0]).toBeCloseTo(33.318421449829934, 8);
});

testWith(join(shared, 'fashion-mnist'), 'Fashion-MNIST is the same from any folder', async () => {
  const given = await load('fashion-mnist', { folder: join(shared, 'fashion-mnist') });
  expect(perClass(given.train)).toEqual(Array(10).fill(6000));
  expect(perClass(given.test)).toEqual(Array(10).fill(1000));
  expect(given.train.labels[0]).toBe(9);
  expect(-given.normalization.shift[0] / given.normalization.scale[0] / 255).toBeCloseTo(0.286, 4);
});

testWith('/usr/share/datasets/fashion-mnist', 'Fashion-MNIST is found where Debian installs it', async () => {
  const { origin, train } = await load('fashion-mnist', {});
  expect(origin).toBe('/usr/share/datasets/fashion-mnist');
  expect(train.count).toBe(60_000);
});

testWith(join(shared, 'fashion-mnist'), 'the embedded subset is reproduced byte for byte', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'filigree-embedded-'));
  try {
    const script = join(root, 'scripts/make-embedded-data.mjs');
    execFileSync(process.execPath, [script, join(shared, 'fashion-mnist'), folder], { stdio: 'pipe' });
    for (const split of ['train', 't10k']) {
      for (const kind of ['images-idx3', 'labels-idx1']) {
        const name = `${split}-${kind}-ubyte.gz`;
        const embedded = readFileSync(join(root, 'resources/fashion-mnist-mini', name));
        expect(readFileSync(join(folder, name)).equals(embedded), name).toBe(true);
        expect(embedded.length).toBeLessThan(6e6);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const cifarImages = join(shared, 'cifar10/cifar-10-images.tar.xz');
testWith(
  cifarImages,
  'CIFAR-10 images in class folders load as RGB with the known channel means',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'filigree-cifar-'));
    try {
      // The first hundred images of every class and split.
      execFileSync('tar', ['-xJf', cifarImages, '-C', folder, '--wildcards', '*/00[0-9][0-9].jpg']);
      const { shape, classNames, train, test, normalization } = await load('image-folder', {
        folder,
        size: 32,
      });
      expect(shape).toEqual([3, 32, 32]);
      expect(classNames).toEqual([
        'airplane',
        'automobile',
        'bird',
        'cat',
        'deer',
        'dog',
        'frog',
        'horse',
        'ship',
        'truck',
      ]);
      expect(perClass(train)).toEqual(Array(10).fill(100));
      expect(perClass(test)).toEqual(Array(10).fill(100));
      const means = normalization.scale.map((scale, c) => -normalization.shift[c] / scale);
      // 125.3, 123.0, 113.9 over all 50 000; a thousand images come within a few units, in this order.
      [125.3, 123.0, 113.9].forEach((known, c) => expect(Math.abs(means[c] - known)).toBeLessThan(6));
      expect(means[2]).toBeLessThan(means[1]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
