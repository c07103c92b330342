import { duration, percent, quantity } from './output.ts';

/** The honest numbers of a finished run, side by side. */
export function describeResult(summary: Record<string, number>): string {
  return [
    `test accuracy   ${percent(summary['test/accuracy'], 2)}`,
    `density         ${percent(summary.density, 2)} (${quantity(summary.nonzeros)} of the prunable weights are non-zero)`,
    `training FLOPs  ${quantity(summary['flops/train'])}, ${summary['flops/percentOfDense'].toFixed(1)} % of dense training`,
    `inference       ${summary['flops/inferencePercent'].toFixed(1)} % of the dense multiply-accumulates`,
    `training time   ${duration(summary['time/trainingMs'])} (${summary['time/stepMs'].toFixed(3)} ms per step)`,
  ].join('\n');
}
