import {
  binaryStep,
  countStep,
  exactAxis,
  logAxis,
  niceAxis,
  niceStep,
  timeStep,
  type AxisRange,
} from '../../shared/ticks.ts';
import type { LineDrawing } from './line-drawing.ts';

/** Axes in drawing units; `toY` turns a value into them (NaN where a log axis cannot show it). */
export interface LineAxes {
  x: AxisRange;
  y: AxisRange;
  toY: (value: number) => number;
  /** The largest value, where it is cut off. */
  peak: number | undefined;
}

/** Labels of an axis do without the zeros that keep columns of numbers aligned: 80.00 % is 80 %. */
export const shortened = (text: string) => text.replace(/(\.\d*?)0+(?=\D|$)/, '$1').replace(/\.(?=\D|$)/, '');
const log10 = (value: number) => (value > 0 ? Math.log10(value) : NaN);
const identity = (value: number) => value;

/** Axes that fit the curves in the zoomed range. */
export function lineAxes(drawing: LineDrawing): LineAxes {
  const toY = drawing.yScale === 'log' ? log10 : identity;
  let [xMin, xMax, yMin, yMax] = [Infinity, -Infinity, Infinity, -Infinity];
  const highs: number[] = [];
  for (const { curve } of drawing.lines) {
    const n = curve.length;
    if (n === 0) continue;
    xMin = Math.min(xMin, curve.x[0]);
    xMax = Math.max(xMax, curve.x[n - 1]);
    const [from, to] = drawing.range ?? [-Infinity, Infinity];
    for (let i = 0; i < n; i++) {
      if (curve.x[i] < from || curve.x[i] > to) continue;
      const low = toY(curve.min[i]);
      const high = toY(curve.max[i]);
      if (low < yMin) yMin = low;
      if (high > yMax) yMax = high;
      if (high < yMin) yMin = high;
      if (drawing.cutPeaks) highs.push(curve.max[i]);
    }
  }
  const cut = drawing.yScale === 'linear' ? usualHigh(highs) : undefined;
  const peak = cut !== undefined && yMax > cut ? yMax : undefined;
  if (peak !== undefined) yMax = cut!;
  if (drawing.reference && yMin <= yMax) {
    const level = toY(drawing.reference.value);
    yMin = Math.min(level, yMin);
    yMax = Math.max(level, yMax);
  }
  if (drawing.fromZero && drawing.yScale === 'linear' && yMin <= yMax) {
    yMin = Math.min(0, yMin);
    yMax = Math.max(0, yMax);
  }
  if (drawing.range) [xMin, xMax] = drawing.range;
  else if (xMin > xMax) [xMin, xMax] = [0, 1];
  // The first point of an average over some steps is not quite at the beginning.
  else if (xMin > 0 && xMin < xMax * 0.05) xMin = 0;
  const yCount = Math.max(2, Math.floor((drawing.height - 28) / 32));
  const xCount = Math.max(2, Math.floor((drawing.width - 70) / 64));
  return {
    x: exactAxis(xMin, xMax, xCount, drawing.x === 'wall' ? timeStep : countStep),
    y:
      drawing.yScale === 'log'
        ? logAxis(yMin, yMax, yCount)
        : niceAxis(yMin, yMax, yCount, drawing.binary ? binaryStep : niceStep),
    toY,
    peak,
  };
}

/** Where a scale ends that leaves out the highest 2 % of values, if these are far above the others. */
function usualHigh(highs: number[]): number | undefined {
  const sorted = highs.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length < 20) return undefined;
  const usual = sorted[Math.floor(sorted.length * 0.98)] * 1.2;
  return sorted[sorted.length - 1] > usual * 1.5 ? usual : undefined;
}

/** From axis units to pixels of the chart. */
export function scaleOf(axis: AxisRange, from: number, to: number): (value: number) => number {
  const factor = (to - from) / (axis.max - axis.min);
  return (value) => from + (value - axis.min) * factor;
}
