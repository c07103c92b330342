import { describe, expect, it } from 'vitest';
import { runCharts, seriesCharts } from '../../../../renderer/views/run/run-charts.ts';

const id = '01AAAAAAAAAAAAAAAAAAAAAAAA';
const keys = [
  'density',
  'density/conv1.weight',
  'density/fc.weight',
  'flops/percentOfDense',
  'method/lambda',
  'method/itopRate',
  'memory/networkBytes',
  'time/forward',
  'time/topology',
  'train/loss',
];
const chart = (name: string, of = keys) => runCharts(id, of).find((c) => c.id === name);

describe('runCharts', () => {
  it('draws every layer in one chart, with colours and then dashes that tell them apart', () => {
    expect(chart('layers')!.series.map(({ label }) => label)).toEqual(['conv1', 'fc']);
    const many = Array.from({ length: 20 }, (_, i) => `density/layer${i}.weight`);
    const looks = chart('layers', many)!.series.map(({ color, dash }) => `${color} ${dash}`);
    expect(new Set(looks).size).toBe(20);
  });

  it('gives each metric of the method a chart, and none to a method without', () => {
    expect(chart('method/lambda')!.title).toBe('Lambda');
    expect(chart('method/itopRate')).toBeDefined();
    expect(runCharts(id, []).some((c) => c.id.startsWith('method/'))).toBe(false);
    expect(chart('layers', [])).toBeUndefined();
  });

  it('waits for test series, which come after the first epoch', () => {
    expect(chart('loss', [])!.series.map(({ key }) => key)).toEqual(['train/loss', 'test/loss']);
  });

  it('splits the step time in the order of the step', () => {
    expect(chart('time')!.series.map(({ label }) => label)).toEqual(['forward', 'topology']);
  });

  it('names the one time of engines that cannot tell the passes apart', () => {
    const labels = chart('time', ['time/update', 'time/pass', 'time/passWithUpdate'])!.series.map(
      ({ label }) => label,
    );
    expect(labels).toEqual(['update + passes', 'forward + backward', 'update']);
  });

  it('smooths what is noisy, and nothing that is exact', () => {
    expect(chart('loss')!.isNoisy).toBe(true);
    expect(chart('time')!.isNoisy).toBe(true);
    for (const id of ['density', 'layers', 'flops', 'percent', 'rate', 'method/lambda'])
      expect(chart(id)!.isNoisy).toBe(false);
  });

  it('compares FLOPs with dense training', () => {
    expect(chart('percent')!.reference).toEqual({ value: 100, label: 'dense' });
  });
});

describe('seriesCharts', () => {
  it('has one chart per series', () => {
    expect(seriesCharts(id, keys).map((c) => c.id)).toEqual(keys);
  });
});
