#!/usr/bin/env node
// Draws the embedded subset of Fashion-MNIST: 1000 training and 200 test images of each class, chosen by a fixed seed
// from the original splits and kept in their original order. The same input gives the same bytes on every machine.
//
//   node scripts/make-embedded-data.mjs [folder with the four Fashion-MNIST files] [folder to write to]
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'fflate';
import { fashionMnist } from '../main/datasets/fashion-mnist.ts';
import { writeIdx } from '../main/datasets/idx.ts';
import { Random } from '../shared/random.ts';

const folder = process.argv[2] ?? '/usr/share/datasets/fashion-mnist';
const target = process.argv[3] ?? fileURLToPath(new URL('../resources/fashion-mnist-mini/', import.meta.url));
const seed = 1;

/** Indices of `perClass` random samples of every class, ascending. */
function chooseStratified(labels, classes, perClass, random) {
  const chosen = [];
  for (let label = 0; label < classes; label++) {
    const members = [...labels.keys()].filter((i) => labels[i] === label);
    chosen.push(...random.shuffle(members).slice(0, perClass));
  }
  return chosen.sort((a, b) => a - b);
}

function writeFile(name, values, dimensions) {
  const content = writeIdx(values, dimensions);
  // fflate rather than zlib: its output does not depend on the processor or on the version of Node.
  const compressed = gzipSync(content, { level: 9, mtime: 0 });
  writeFileSync(join(target, name), compressed);
  console.log(`${name}  ${compressed.length} bytes  ${createHash('sha256').update(content).digest('hex')}`);
}

function writeSplit(prefix, split, perClass, stream) {
  const chosen = chooseStratified(
    split.labels,
    dataset.classNames.length,
    perClass,
    new Random(seed, stream),
  );
  const stride = split.samples.length / split.count;
  const images = new Uint8Array(chosen.length * stride);
  chosen.forEach((from, to) =>
    images.set(split.samples.subarray(from * stride, (from + 1) * stride), to * stride),
  );
  writeFile(`${prefix}-images-idx3-ubyte.gz`, images, [chosen.length, 28, 28]);
  writeFile(
    `${prefix}-labels-idx1-ubyte.gz`,
    Uint8Array.from(chosen, (i) => split.labels[i]),
    [chosen.length],
  );
}

const dataset = await fashionMnist.load({ folder }, { dataFolder: folder, allowDownload: false });
mkdirSync(target, { recursive: true });
writeSplit('train', dataset.train, 1000, 'train');
writeSplit('t10k', dataset.test, 200, 'test');
