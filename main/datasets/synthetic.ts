import { defineFields } from '../../shared/fields.ts';

/** Fields shared by the generated data sets. */
export const sampleCountFields = defineFields({
  trainCount: {
    type: 'integer',
    label: 'Training samples',
    help: 'How many samples to generate for training.',
    default: 2000,
    min: 2,
    max: 10_000_000,
  },
  testCount: {
    type: 'integer',
    label: 'Test samples',
    help: 'How many further samples to generate for the test split.',
    default: 1000,
    min: 2,
    max: 10_000_000,
  },
});

export const seedField = {
  type: 'integer',
  label: 'Data seed',
  help: 'The same seed gives the same data; the seed of the run is independent of it.',
  default: 1,
  min: 0,
} as const;
