import { exactAxis, niceAxis } from '../../../shared/ticks.ts';
import { number } from '../../format.ts';

export type PlotScaleKind = 'linear' | 'exact' | 'log';

export interface PlotScale {
  /** Pixels of a value; NaN where a log axis has no place for it. */
  at(value: number): number;
  invert(pixel: number): number;
  ticks: number[];
}

/**
 * An axis that holds all values: widened to round numbers (`linear`), exactly their range (`exact`), or logarithmic,
 * where values at or below zero have no place.
 */
export function plotScale(
  values: readonly number[],
  kind: PlotScaleKind,
  [from, to]: readonly [number, number],
  tickCount: number,
): PlotScale {
  const isLog = kind === 'log';
  const usable = values.filter((value) => Number.isFinite(value) && (!isLog || value > 0));
  const transformed = isLog ? usable.map(Math.log10) : usable;
  const low = transformed.reduce((a, b) => Math.min(a, b), Infinity);
  const high = transformed.reduce((a, b) => Math.max(a, b), -Infinity);
  const count = Math.max(2, tickCount);
  const axis =
    usable.length === 0
      ? { min: 0, max: 1, ticks: [] }
      : kind === 'linear'
        ? niceAxis(low, high, count)
        : exactAxis(low, high, count);
  const span = axis.max - axis.min || 1;
  return {
    at: (value) => from + (((isLog ? Math.log10(value) : value) - axis.min) / span) * (to - from),
    invert(pixel) {
      const value = axis.min + ((pixel - from) / (to - from)) * span;
      return isLog ? 10 ** value : value;
    },
    ticks: isLog ? axis.ticks.filter(Number.isInteger).map((tick) => 10 ** tick) : axis.ticks,
  };
}

export const tickText = (value: number): string => number(value, 3);
