import { createHash } from 'node:crypto';
import { UserError } from '../../shared/errors.ts';
import type { Shape } from '../models/graph.ts';
import type { Dataset, Split } from './dataset.ts';

/**
 * Completes a data set: checks its labels, standardises each channel by the training split and computes its identity.
 * @throws UserError `bad-data` for a label outside the classes or a class without training samples
 */
export function assembleDataset(parts: Omit<Dataset, 'normalization' | 'sha256'>): Dataset {
  const { train, test, shape, classNames, title } = parts;
  checkLabels(train, classNames, `${title}, training split`);
  checkLabels(test, classNames, `${title}, test split`);
  const present = new Set(train.labels);
  const absent = classNames.findIndex((_, label) => !present.has(label));
  if (absent >= 0) {
    throw new UserError(
      'bad-data',
      `${title}: class ${classNames[absent]} has no training samples; at least 1 is needed`,
    );
  }
  return { ...parts, normalization: normalizationOf(train, shape), sha256: digestOf(parts) };
}

function checkLabels(split: Split, classNames: readonly string[], where: string): void {
  if (split.count === 0) throw new UserError('bad-data', `${where}: no samples; at least 1 is needed`);
  const wrong = split.labels.findIndex((label) => label < 0 || label >= classNames.length);
  if (wrong >= 0) {
    throw new UserError(
      'bad-data',
      `${where}: sample ${wrong} has label ${split.labels[wrong]}; expected 0 to ${classNames.length - 1}`,
    );
  }
}

/**
 * The affine map x · scale[c] + shift[c] that gives each channel of the split zero mean and unit variance.
 * A constant channel is only centred.
 */
export function normalizationOf(split: Split, shape: Shape): Dataset['normalization'] {
  const [channels, height, width] = shape;
  const area = height * width;
  const moments = split.samples instanceof Uint8Array ? byteMoments : floatMoments;
  const scale: number[] = [];
  const shift: number[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const { mean, variance } = moments(split, channel * area, area, channels * area);
    const factor = variance > 0 ? 1 / Math.sqrt(variance) : 1;
    scale.push(factor);
    shift.push(-mean * factor);
  }
  return { scale, shift };
}

/** Exact for bytes: a histogram holds everything the moments need. */
function byteMoments({ samples, count }: Split, offset: number, area: number, stride: number) {
  const histogram = new Float64Array(256);
  for (let row = 0; row < count; row++) {
    const start = row * stride + offset;
    for (let i = start; i < start + area; i++) histogram[samples[i]]++;
  }
  const total = count * area;
  const mean = histogram.reduce((sum, n, value) => sum + n * value, 0) / total;
  const variance = histogram.reduce((sum, n, value) => sum + n * (value - mean) ** 2, 0) / total;
  return { mean, variance };
}

function floatMoments({ samples, count }: Split, offset: number, area: number, stride: number) {
  const average = (f: (x: number) => number) => {
    let sum = 0;
    for (let row = 0; row < count; row++) {
      const start = row * stride + offset;
      for (let i = start; i < start + area; i++) sum += f(samples[i]);
    }
    return sum / (count * area);
  };
  const mean = average((x) => x);
  return { mean, variance: average((x) => (x - mean) ** 2) };
}

function digestOf({ train, test, shape }: { train: Split; test: Split; shape: Shape }): string {
  const hash = createHash('sha256').update(shape.join('x'));
  for (const split of [train, test]) hash.update(split.samples).update(split.labels);
  return hash.digest('hex');
}
