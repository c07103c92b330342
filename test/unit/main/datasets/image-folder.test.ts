import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { imageFolder } from '../../../../main/datasets/image-folder.ts';
import { load, offline, refusal, temporaryFolder } from './helpers.ts';

type Colour = { r: number; g: number; b: number; alpha?: number };

async function image(path: string, background: Colour, width = 8, height = 8): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const channels = background.alpha === undefined ? 3 : 4;
  await sharp({ create: { width, height, channels, background } }).toFile(path);
}

const red = { r: 255, g: 0, b: 0 };
const blue = { r: 0, g: 0, b: 255 };

/** Five images in each of two classes. */
async function redAndBlue(folder = temporaryFolder()): Promise<string> {
  for (let i = 0; i < 5; i++) {
    await image(join(folder, 'red', `${i}.png`), { ...red, r: 250 + i });
    await image(join(folder, 'blue', `${i}.png`), { ...blue, b: 250 + i });
  }
  return folder;
}

const planes = (samples: ArrayLike<number>, sample: number, channels: number, area: number) =>
  Array.from({ length: channels }, (_, c) => samples[(sample * channels + c) * area]);

test('one class per sub-folder, planar RGB, a stratified split', async () => {
  const dataset = await load(imageFolder, { folder: await redAndBlue(), size: 4 });
  expect(dataset.shape).toEqual([3, 4, 4]);
  expect(dataset.classNames).toEqual(['blue', 'red']);
  expect([dataset.train.count, dataset.test.count]).toEqual([8, 2]);
  expect([...dataset.test.labels]).toEqual([0, 1]);
  for (let i = 0; i < 8; i++) {
    const [r, g, b] = planes(dataset.train.samples, i, 3, 16);
    const isRed = dataset.train.labels[i] === 1;
    expect([r >= 250, g, b >= 250]).toEqual([isRed, 0, !isRed]);
  }
});

test('the same split seed holds out the same images, another one others', async () => {
  const folder = temporaryFolder();
  for (let i = 0; i < 20; i++) {
    for (const name of ['a', 'b']) await image(join(folder, name, `${i}.png`), { r: i * 12, g: i, b: 0 });
  }
  const identity = async (splitSeed: number) =>
    (await load(imageFolder, { folder, size: 2, splitSeed })).sha256;
  expect(await identity(1)).toBe(await identity(1));
  expect(await identity(1)).not.toBe(await identity(2));
});

test('train/ and test/ are used where both are there', async () => {
  const folder = temporaryFolder();
  await redAndBlue(join(folder, 'train'));
  await image(join(folder, 'test', 'red', 'only.jpg'), red, 20, 10);
  await image(join(folder, 'test', 'blue', 'only.JPEG'), blue, 10, 20);
  const dataset = await load(imageFolder, { folder, size: 8 });
  expect([dataset.train.count, dataset.test.count]).toEqual([10, 2]);
  expect([...dataset.test.labels]).toEqual([0, 1]);
  expect(planes(dataset.test.samples, 1, 3, 64)[0]).toBeGreaterThan(240);
});

test('grey gives one channel, transparency is black, small images are enlarged', async () => {
  const folder = await redAndBlue();
  await image(join(folder, 'clear', '0.png'), { r: 255, g: 255, b: 255, alpha: 0 }, 2, 2);
  await image(join(folder, 'clear', '1.png'), { r: 255, g: 255, b: 255, alpha: 0 }, 2, 2);
  const { shape, train, classNames } = await load(imageFolder, { folder, size: 16, colour: 'grey' });
  expect(shape).toEqual([1, 16, 16]);
  for (let i = 0; i < train.count; i++) {
    const value = train.samples[i * 256];
    if (classNames[train.labels[i]] === 'clear') expect(value).toBe(0);
    else expect(value).toBeGreaterThan(20);
  }
});

test('an unreadable image is named', async () => {
  const folder = await redAndBlue();
  const broken = join(folder, 'red', 'broken.jpg');
  writeFileSync(broken, 'no image');
  expect(await refusal(load(imageFolder, { folder }))).toContain(`${broken} cannot be read as an image`);
});

test('a truncated image is named, not half-used', async () => {
  const folder = await redAndBlue();
  const whole = await sharp({
    create: {
      width: 64,
      height: 64,
      channels: 3,
      background: red,
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  })
    .jpeg()
    .toBuffer();
  writeFileSync(join(folder, 'red', 'half.jpg'), whole.subarray(0, whole.length / 2));
  expect(await refusal(load(imageFolder, { folder }))).toContain('half.jpg cannot be read as an image');
});

test('an empty class, a single class, an unknown test class and a missing folder are named', async () => {
  const folder = await redAndBlue();
  mkdirSync(join(folder, 'green'));
  expect(await refusal(load(imageFolder, { folder }))).toContain(
    `${join(folder, 'green')}: no images of class green`,
  );

  const single = temporaryFolder();
  await image(join(single, 'red', '0.png'), red);
  expect(await refusal(load(imageFolder, { folder: single }))).toContain(
    'has 1 sub-folders; expected one for each',
  );

  const unknown = temporaryFolder();
  await redAndBlue(join(unknown, 'train'));
  await redAndBlue(join(unknown, 'test'));
  await image(join(unknown, 'test', 'pink', '0.png'), red);
  expect(await refusal(load(imageFolder, { folder: unknown }))).toContain('this class is not in train/');

  expect(await refusal(load(imageFolder, {}, offline(single)))).toContain('is not an existing folder');
});
