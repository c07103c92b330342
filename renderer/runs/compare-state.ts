import type { LocationQuery } from 'vue-router';
import type { XKind } from '../../shared/contract.ts';

export const maxCompared = 20;
const xKinds: readonly XKind[] = ['step', 'epoch', 'wall', 'flops'];

/** Everything about a comparison that a link to it keeps. */
export interface CompareState {
  ids: string[];
  /** The run that others are measured against: one of `ids`, or the first. */
  base: string | undefined;
  /** Runs whose lines are switched off. */
  hidden: string[];
  /** Keys of the series that are drawn. */
  series: string[];
  x: XKind;
  log: boolean;
  /** Weight of the moving average, 0 to below 1. */
  smoothing: number;
  /** Settings that are equal in all runs are shown too. */
  all: boolean;
}

const defaultSeries = ['test/accuracy', 'train/loss', 'density', 'flops/percentOfDense'];

/** Never throws: what cannot be read in a hand-edited address takes its default. */
export function readCompareState(query: LocationQuery): CompareState {
  const text = (name: string) => {
    const value = query[name];
    return (Array.isArray(value) ? value[0] : value) ?? '';
  };
  const list = (name: string) => [
    ...new Set(
      text(name)
        .split(',')
        .filter((item) => item !== ''),
    ),
  ];
  const ids = list('ids').slice(0, maxCompared);
  const smoothing = Number(text('smooth'));
  return {
    ids,
    base: ids.includes(text('base')) ? text('base') : ids[0],
    hidden: list('hidden').filter((id) => ids.includes(id)),
    series: query.series === undefined ? [...defaultSeries] : list('series'),
    x: xKinds.find((kind) => kind === text('x')) ?? 'step',
    log: text('log') === '1',
    smoothing: smoothing >= 0 && smoothing < 1 ? smoothing : 0,
    all: text('all') === '1',
  };
}

/** @returns only what differs from the default */
export function writeCompareState(state: CompareState): Record<string, string> {
  const series = state.series.join(',');
  return {
    ids: state.ids.join(','),
    ...(state.base !== undefined && state.base !== state.ids[0] ? { base: state.base } : {}),
    ...(state.hidden.length > 0 ? { hidden: state.hidden.join(',') } : {}),
    ...(series !== defaultSeries.join(',') ? { series } : {}),
    ...(state.x !== 'step' ? { x: state.x } : {}),
    ...(state.log ? { log: '1' } : {}),
    ...(state.smoothing > 0 ? { smooth: String(state.smoothing) } : {}),
    ...(state.all ? { all: '1' } : {}),
  };
}
