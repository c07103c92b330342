import { UserError } from '../../shared/errors.ts';
import { Random } from '../../shared/random.ts';

/** Fields of data sets that bring no test split of their own. */
export const splitFields = {
  testShare: {
    type: 'number',
    label: 'Test share',
    help: 'Share of every class that is held out for testing, chosen at random.',
    default: 0.2,
    min: 0,
    max: 1,
    exclusiveMin: true,
    exclusiveMax: true,
  },
  splitSeed: {
    type: 'integer',
    label: 'Split seed',
    help: 'The same seed holds out the same samples.',
    default: 1,
    min: 0,
  },
} as const;

/**
 * Splits samples so that every class has its share in both parts, at least one sample in each.
 * @returns indices into `labels`, ascending
 * @throws UserError `bad-data` naming a class with fewer than two samples
 */
export function stratifiedSplit(
  labels: ArrayLike<number>,
  classNames: readonly string[],
  { testShare, splitSeed }: { testShare: number; splitSeed: number },
): { train: number[]; test: number[] } {
  const members: number[][] = classNames.map(() => []);
  for (let i = 0; i < labels.length; i++) members[labels[i]].push(i);
  const random = new Random(splitSeed, 'split');
  const train: number[] = [];
  const test: number[] = [];
  for (const [label, indices] of members.entries()) {
    if (indices.length < 2) {
      throw new UserError(
        'bad-data',
        `class ${classNames[label]} has ${indices.length} sample${indices.length === 1 ? '' : 's'}; ` +
          'at least 2 are needed, one to train and one to test',
      );
    }
    const held = Math.min(indices.length - 1, Math.max(1, Math.round(testShare * indices.length)));
    random.shuffle(indices);
    indices.forEach((index, i) => (i < held ? test : train).push(index));
  }
  const ascending = (a: number, b: number) => a - b;
  return { train: train.sort(ascending), test: test.sort(ascending) };
}
