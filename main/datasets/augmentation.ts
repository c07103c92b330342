import { UserError } from '../../shared/errors.ts';
import { defineFields, type ValuesOf } from '../../shared/fields.ts';
import type { Random } from '../../shared/random.ts';
import type { Shape } from '../models/graph.ts';

export const augmentationFields = defineFields({
  cropPadding: {
    type: 'integer',
    label: 'Random crop padding',
    help: 'Pads each training image with black on all sides and crops it back at a random place. 4 is usual for CIFAR.',
    unit: 'pixels',
    default: 0,
    min: 0,
    max: 64,
  },
  horizontalFlip: {
    type: 'boolean',
    label: 'Horizontal flip',
    help: 'Mirrors each training image with probability ½. Not for digits or letters.',
    default: false,
  },
  cutoutSize: {
    type: 'integer',
    label: 'Cutout size',
    help: 'Blackens a square of this side around a random pixel of each training image; 0 for none. 16 is usual for CIFAR-10.',
    paper: 'arXiv 1708.04552, section 3.2',
    unit: 'pixels',
    default: 0,
    min: 0,
    max: 256,
  },
});

export type Augmentation = ValuesOf<typeof augmentationFields>;

export function isIdentity({ cropPadding, horizontalFlip, cutoutSize }: Augmentation): boolean {
  return cropPadding === 0 && !horizontalFlip && cutoutSize === 0;
}

/**
 * Refuses augmentation that the samples cannot have.
 * @throws UserError `bad-config` naming the setting
 */
export function checkAugmentation(augmentation: Augmentation, [channels, height, width]: Shape): void {
  if (isIdentity(augmentation)) return;
  if (height === 1 && width === 1) {
    const field = augmentation.cropPadding
      ? 'cropPadding'
      : augmentation.horizontalFlip
        ? 'horizontalFlip'
        : 'cutoutSize';
    throw new UserError(
      'bad-config',
      `augmentation.${field}: the samples are vectors of ${channels} features; augmentation is for images only`,
      `augmentation.${field}`,
    );
  }
  for (const field of ['cropPadding', 'cutoutSize'] as const) {
    const limit = Math.min(height, width) - (field === 'cropPadding' ? 1 : 0);
    if (augmentation[field] > limit) {
      throw new UserError(
        'bad-config',
        `augmentation.${field}: ${augmentation[field]} is too large for images of ${height} × ${width}; at most ${limit}`,
        `augmentation.${field}`,
      );
    }
  }
}

/**
 * Augments the first `size` samples of a batch in place: crop, flip, cutout, in this order. What is blanked becomes the
 * raw value 0, before the network's normalisation.
 * @param samples raw values, [size][channels · height · width]
 */
export function augment(
  samples: Uint8Array | Float32Array,
  size: number,
  [channels, height, width]: Shape,
  { cropPadding, horizontalFlip, cutoutSize }: Augmentation,
  random: Random,
): void {
  const area = height * width;
  for (let sample = 0; sample < size; sample++) {
    const dy = cropPadding > 0 ? random.below(2 * cropPadding + 1) - cropPadding : 0;
    const dx = cropPadding > 0 ? random.below(2 * cropPadding + 1) - cropPadding : 0;
    const flip = horizontalFlip && random.below(2) === 1;
    const cutY = cutoutSize > 0 ? random.below(height) : 0;
    const cutX = cutoutSize > 0 ? random.below(width) : 0;
    for (let channel = 0; channel < channels; channel++) {
      const plane = (sample * channels + channel) * area;
      if (dy !== 0 || dx !== 0) translate(samples, plane, height, width, dy, dx);
      if (flip) mirror(samples, plane, height, width);
      if (cutoutSize > 0) blankSquare(samples, plane, height, width, cutY, cutX, cutoutSize);
    }
  }
}

/** Moves a plane's content down by `dy` and right by `dx`; what comes in from outside is 0. */
function translate(
  samples: Uint8Array | Float32Array,
  plane: number,
  height: number,
  width: number,
  dy: number,
  dx: number,
): void {
  const end = plane + height * width;
  // One move of the whole plane; what it carries from one row into the next is then cleared with the margins.
  const offset = dy * width + dx;
  if (offset > 0) samples.copyWithin(plane + offset, plane, end - offset);
  else samples.copyWithin(plane, plane - offset, end);
  if (dy > 0) samples.fill(0, plane, plane + dy * width);
  else samples.fill(0, end + dy * width, end);
  const left = dx > 0 ? 0 : width + dx;
  const right = dx > 0 ? dx : width;
  for (let row = plane; row < end; row += width) {
    for (let i = row + left; i < row + right; i++) samples[i] = 0;
  }
}

function mirror(samples: Uint8Array | Float32Array, plane: number, height: number, width: number): void {
  for (let y = 0; y < height; y++) {
    for (let left = plane + y * width, right = left + width - 1; left < right; left++, right--) {
      const value = samples[left];
      samples[left] = samples[right];
      samples[right] = value;
    }
  }
}

/** A square of side `side` centred at (cy, cx), of which a part may lie outside the image. */
function blankSquare(
  samples: Uint8Array | Float32Array,
  plane: number,
  height: number,
  width: number,
  cy: number,
  cx: number,
  side: number,
): void {
  const top = cy - Math.floor(side / 2);
  const left = cx - Math.floor(side / 2);
  for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
    const row = plane + y * width;
    const end = row + Math.min(width, left + side);
    for (let i = row + Math.max(0, left); i < end; i++) samples[i] = 0;
  }
}
