import { stepParts, type StepPart } from '../../../shared/step-parts.ts';
import type { ChartSeries } from '../../charts/line-drawing.ts';
import { runColor, runDash } from '../../charts/palette.ts';
import { bytes, metricFormat, metricName } from '../../format.ts';

/** One chart of a run. */
export interface RunChart {
  /** Names it in addresses: `?chart=loss`. */
  id: string;
  title: string;
  series: ChartSeries[];
  format: (value: number) => string;
  /** The y axis shows zero. */
  fromZero: boolean;
  /** Smoothing makes it easier to read; it would only falsify what is exact, such as densities and sums. */
  isNoisy: boolean;
  /** Rare peaks do not set the scale. */
  cutPeaks?: boolean;
  /** Labels at multiples of powers of 1024. */
  binary?: boolean;
  /** A level to compare with, always in view. */
  reference?: { value: number; label: string };
}

/** Keys with their labels, in the order of a chart's legend. */
type Lines = readonly (readonly [key: string, label: string])[];

const noisy = /^(train|test|time|throughput)\//;
const dense = { value: 100, label: 'dense' };

/**
 * The charts of a run: only those that its method gives points for, so that none stays empty. Keys that a run gets
 * later (test series come after the first epoch) are waited for, hence the fixed lines of the first ones.
 */
export function runCharts(runId: string, keys: readonly string[]): RunChart[] {
  const chart = (id: string, title: string, lines: Lines, more: Partial<RunChart> = {}): RunChart => ({
    id,
    title,
    series: lines.map(([key, label], index) => ({ runId, key, label, ...looks(index) })),
    format: metricFormat(lines[0]?.[0] ?? ''),
    isNoisy: noisy.test(lines[0]?.[0] ?? ''),
    fromZero: false,
    ...more,
  });
  const under = (group: string): Lines =>
    keys.filter((key) => key.startsWith(`${group}/`)).map((key) => [key, key.slice(group.length + 1)]);
  // Of a layer only its weights have a density.
  const layers = under('density').map(([key, label]) => [key, label.replace(/\.weight$/, '')] as const);
  const metrics = under('method');
  return [
    chart('loss', 'Loss', [
      ['train/loss', 'train'],
      ['test/loss', 'test'],
    ]),
    chart('accuracy', 'Accuracy', [
      ['train/accuracy', 'train'],
      ['test/accuracy', 'test'],
    ]),
    chart('density', 'Density', [['density', 'total']], { fromZero: true }),
    chart('layers', 'Density per layer', layers, { fromZero: true }),
    chart(
      'percent',
      'FLOPs, % of dense',
      [
        ['flops/percentOfDense', 'training'],
        ['flops/inferencePercent', 'inference'],
      ],
      { fromZero: true, reference: dense },
    ),
    chart('flops', 'Training FLOPs', [['flops/train', 'spent']], { fromZero: true }),
    ...metrics.map(([key, label]) => chart(key, metricName(key), [[key, label]])),
    chart('rate', 'Learning rate', [['learningRate', 'learning rate']], { fromZero: true }),
    chart('time', 'Step time', timeLines(keys), { fromZero: true, cutPeaks: true }),
    chart('throughput', 'Samples per second', [['throughput/samplesPerSecond', 'samples']], {
      fromZero: true,
    }),
    chart(
      'memory',
      'Memory',
      [
        ['memory/processBytes', 'process'],
        ['memory/networkBytes', 'network'],
      ],
      { fromZero: true, binary: true, format: bytes },
    ),
  ].filter(({ series }) => series.length > 0);
}

/** What engines compute as one. */
const joint: Partial<Record<StepPart, string>> = {
  pass: 'forward + backward',
  // The longest line of all must fit into a narrow chart's legend.
  passWithUpdate: 'update + passes',
};

const timeLines = (keys: readonly string[]): Lines =>
  stepParts
    .map((part) => [`time/${part}`, joint[part] ?? part] as const)
    .filter(([key]) => keys.includes(key));

/** Every series of a run in a small chart of its own. */
export function seriesCharts(runId: string, keys: readonly string[]): RunChart[] {
  return keys.map((key) => ({
    id: key,
    title: metricName(key),
    series: [{ runId, key, label: key, ...looks(0) }],
    format: metricFormat(key),
    isNoisy: noisy.test(key),
    fromZero: false,
    cutPeaks: key.startsWith('time/'),
    binary: /bytes$/i.test(key),
  }));
}

/** Lines within one run differ in colour; once the colours are used up, in dashes. */
function looks(index: number): { color: string; dash: readonly number[] } {
  return { color: runColor('', index), dash: runDash(index) };
}
