/** What a training step spends its time on, in its order. Engines tell `forward` and `backward` apart, or give `pass`. */
export const stepParts = ['data', 'forward', 'backward', 'pass', 'update', 'topology'] as const;
export type StepPart = (typeof stepParts)[number];
