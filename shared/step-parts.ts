/**
 * What a training step spends its time on, in its order. Engines tell `forward` and `backward` apart, or give `pass`, or
 * `passWithUpdate` where the update before the pass was part of it.
 */
export const stepParts = [
  'data',
  'forward',
  'backward',
  'passWithUpdate',
  'pass',
  'update',
  'topology',
] as const;
export type StepPart = (typeof stepParts)[number];
