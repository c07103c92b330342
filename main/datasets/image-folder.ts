import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { UserError, show } from '../../shared/errors.ts';
import { defineFields } from '../../shared/fields.ts';
import type { Shape } from '../models/graph.ts';
import { assembleDataset } from './assemble.ts';
import { defineDataset, type LoadEnvironment, type Split } from './dataset.ts';
import { existingFolder, folderField } from './files.ts';
import { splitFields, stratifiedSplit } from './stratify.ts';

/** Images decoded at the same time; more would only queue inside sharp. */
const concurrency = 8;

export const imageFolder = defineDataset({
  id: 'image-folder',
  title: 'Folder of images',
  summary: 'Your own PNG or JPEG images, one sub-folder per class, optionally under train/ and test/.',
  licence: 'your own data',
  fields: defineFields({
    folder: {
      ...folderField,
      help: 'Holds one sub-folder per class, or train/ and test/ with these. Empty: image-folder/ in the data folder.',
    },
    size: {
      type: 'integer',
      label: 'Image size',
      help: 'Images are scaled to cover a square of this side and cropped at the centre.',
      unit: 'pixels',
      default: 32,
      min: 1,
      max: 512,
    },
    colour: {
      type: 'choice',
      label: 'Colour',
      help: 'RGB gives three channels, grey one.',
      default: 'rgb',
      options: [
        { value: 'rgb', label: 'RGB' },
        { value: 'grey', label: 'Grey' },
      ],
    },
    ...splitFields,
  }),
  locate({ folder }, dataFolder) {
    const path = folder || join(dataFolder, 'image-folder');
    return existsSync(path) ? resolve(path) : undefined;
  },
  async survey(values, environment) {
    const { train, test, classNames } = await findImages(folderOf(values, environment), values);
    return {
      shape: shapeOf(values),
      classes: classNames.length,
      trainCount: train.length,
      testCount: test.length,
    };
  },
  async load(values, environment) {
    const folder = folderOf(values, environment);
    const shape = shapeOf(values);
    const { train, test, classNames } = await findImages(folder, values);
    const { signal, onProgress } = environment;
    const all = train.length + test.length;
    let decoded = 0;
    const decode = (images: readonly Image[]) =>
      decodeAll(images, shape, signal, () => {
        decoded++;
        onProgress?.({ text: `reading images, ${decoded} of ${all}`, fraction: decoded / all });
      });
    return assembleDataset({
      id: 'image-folder',
      title: 'Folder of images',
      shape,
      classNames,
      train: await decode(train),
      test: await decode(test),
      origin: folder,
    });
  },
});

const folderOf = ({ folder }: { folder: string }, { dataFolder }: LoadEnvironment) =>
  existingFolder(folder || join(dataFolder, 'image-folder'));

const shapeOf = ({ colour, size }: { colour: 'rgb' | 'grey'; size: number }): Shape => [
  colour === 'rgb' ? 3 : 1,
  size,
  size,
];

interface Image {
  path: string;
  label: number;
}

async function findImages(
  folder: string,
  values: { testShare: number; splitSeed: number },
): Promise<{ train: Image[]; test: Image[]; classNames: string[] }> {
  const [trainFolder, testFolder] = [join(folder, 'train'), join(folder, 'test')];
  if (existsSync(trainFolder) && existsSync(testFolder)) {
    const classNames = await subfolders(trainFolder);
    for (const name of await subfolders(testFolder)) {
      if (!classNames.includes(name)) {
        throw new UserError(
          'bad-data',
          `${join(testFolder, name)}: this class is not in train/; expected one of ${classNames.join(', ')}`,
        );
      }
    }
    return {
      train: await listImages(trainFolder, classNames),
      test: await listImages(testFolder, classNames),
      classNames,
    };
  }
  const classNames = await subfolders(folder);
  const images = await listImages(folder, classNames);
  const split = stratifiedSplit(
    images.map((image) => image.label),
    classNames,
    values,
  );
  return { train: split.train.map((i) => images[i]), test: split.test.map((i) => images[i]), classNames };
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
  if (names.length < 2) {
    throw new UserError(
      'bad-data',
      `dataset.folder: ${show(folder)} has ${names.length} sub-folders; expected one for each of at least 2 classes`,
      'dataset.folder',
    );
  }
  return names.sort();
}

/** Images by class and name, so that the order does not depend on the file system. */
async function listImages(folder: string, classNames: readonly string[]): Promise<Image[]> {
  const images: Image[] = [];
  for (const [label, name] of classNames.entries()) {
    const classFolder = join(folder, name);
    const files = existsSync(classFolder) ? await readdir(classFolder) : [];
    const names = files.filter((file) => /\.(png|jpe?g)$/i.test(file)).sort();
    if (names.length === 0) {
      throw new UserError(
        'bad-data',
        `${classFolder}: no images of class ${name}; expected .png, .jpg or .jpeg files`,
      );
    }
    images.push(...names.map((file) => ({ path: join(classFolder, file), label })));
  }
  return images;
}

async function decodeAll(
  images: readonly Image[],
  shape: Shape,
  signal: AbortSignal | undefined,
  onDecoded: () => void,
): Promise<Split> {
  const stride = shape[0] * shape[1] * shape[2];
  const samples = new Uint8Array(images.length * stride);
  let next = 0;
  const worker = async () => {
    while (next < images.length) {
      signal?.throwIfAborted();
      const index = next++;
      await decodeInto(samples.subarray(index * stride, (index + 1) * stride), images[index].path, shape);
      onDecoded();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { samples, labels: Int32Array.from(images, (image) => image.label), count: images.length };
}

/** Decodes one image to planar [channels][height][width]; transparent parts become black. */
async function decodeInto(target: Uint8Array, path: string, [channels, height, width]: Shape): Promise<void> {
  let pixels: Buffer;
  try {
    pixels = await sharp(path)
      .flatten({ background: 'black' })
      .resize(width, height, { fit: 'cover' })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer();
  } catch (cause) {
    throw new UserError(
      'bad-data',
      `${path} cannot be read as an image (${(cause as Error).message.trim()}); expected a PNG or JPEG file`,
      undefined,
      { cause },
    );
  }
  const area = height * width;
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < area; i++) target[channel * area + i] = pixels[i * channels + channel];
  }
}
