import type { EChartsCoreOption } from 'echarts/core';
import type { XKind } from '../../shared/contract.ts';
import { number } from '../format.ts';
import type { DrawnCurve } from './drawn-curve.ts';
import type { ChartTheme } from './theme.ts';
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
import { xAxes } from './x-kinds.ts';

/** One line of a chart. */
export interface ChartSeries {
  runId: string;
  key: string;
  label: string;
  /** A CSS colour, `var(--run-1)` included. */
  color: string;
  dash?: readonly number[];
}

/** Something that happened at a step: a short stroke at the chart's edge. */
export interface ChartMark {
  step: number;
  kind: 'fine' | 'topology';
}

export interface LineDrawing {
  width: number;
  height: number;
  /** Around the plot, pixels. */
  margins: Margins;
  lines: readonly { series: ChartSeries; curve: DrawnCurve }[];
  x: XKind;
  /** Zoomed range in units of x. */
  range: readonly [number, number] | undefined;
  yScale: 'linear' | 'log';
  /** Whether the y axis must show zero: times, memory. */
  fromZero: boolean;
  /** Rare peaks do not set the scale. */
  cutPeaks: boolean;
  /** Labels at multiples of powers of 1024. */
  binary: boolean;
  isSmoothed: boolean;
  /** A level to compare with, drawn as a dashed line and always in view. */
  reference?: { value: number; label: string };
  marks: readonly ChartMark[];
  format: (value: number) => string;
  theme: ChartTheme;
}

export interface Margins {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export const plotMargins: Margins = { left: 58, right: 16, top: 8, bottom: 20 };

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

/** Deep in a zoom the usual digits of a metric no longer tell its ticks apart. */
function tickFormat(ticks: readonly number[], format: (value: number) => string): (value: number) => string {
  const distinct = new Set(ticks.map(format)).size === ticks.length;
  return (value) => (distinct ? shortened(format(value)) : number(value, 8));
}

/** The whole chart as an ECharts option; every update replaces everything in it. */
export function lineOption(drawing: LineDrawing, axes: LineAxes): EChartsCoreOption {
  const { theme, height, margins } = drawing;
  const isEmpty = drawing.lines.every(({ curve }) => curve.length === 0);
  // Numbers on the axes of a chart without points would be made up.
  const label = {
    show: !isEmpty,
    color: theme.muted,
    fontSize: 11,
    fontFamily: theme.font,
    hideOverlap: true,
  };
  const axis = (range: AxisRange) => ({
    type: 'value',
    min: range.min,
    max: range.max,
    axisTick: { show: false, customValues: range.ticks },
    silent: true,
  });
  return {
    animation: false,
    // Where the plot lies is known to the overlay, so labels must not move it.
    grid: { ...margins, outerBoundsMode: 'none' },
    xAxis: {
      ...axis(axes.x),
      axisLine: { lineStyle: { color: theme.axis }, onZero: false },
      axisLabel: {
        ...label,
        customValues: axes.x.ticks,
        formatter: (x: number) => shortened(xAxes[drawing.x].tick(x)),
      },
      splitLine: { show: false },
    },
    yAxis: {
      ...axis(axes.y),
      axisLine: { show: false },
      axisLabel: {
        ...label,
        margin: 6,
        customValues: axes.y.ticks,
        formatter: tickFormat(axes.y.ticks, (y) => drawing.format(drawing.yScale === 'log' ? 10 ** y : y)),
      },
      splitLine: { show: !isEmpty, lineStyle: { color: theme.grid } },
    },
    series: [
      {
        type: 'custom',
        id: 'curves',
        silent: true,
        clip: true,
        data: [[axes.x.min, axes.y.min]],
        renderItem: () => ({ type: 'group', children: shapes(drawing, axes) }),
      },
    ],
    aria: { enabled: false },
    graphic: isEmpty
      ? [
          {
            id: 'empty',
            type: 'text',
            left: 'center',
            top: height / 2 - 16,
            style: { text: 'No points yet', fill: theme.muted, font: `12px ${theme.font}` },
          },
        ]
      : [{ id: 'empty', type: 'text', style: { text: '' } }],
  };
}

/** Bands at the back, then raw lines, smoothed lines, marks and values that cannot be drawn. */
function shapes(drawing: LineDrawing, axes: LineAxes): object[] {
  const { width, height, margins, theme } = drawing;
  const bottom = height - margins.bottom;
  const xPixel = scaleOf(axes.x, margins.left, width - margins.right);
  const yScale = scaleOf(axes.y, bottom, margins.top);
  const yPixel = (value: number) => yScale(axes.toY(value));
  const bands: object[] = [];
  const raw: object[] = [];
  const smooth: object[] = [];
  const broken: number[] = [];
  for (const { series, curve } of drawing.lines) {
    const stroke = theme.color(series.color);
    const style = {
      stroke,
      fill: 'none',
      lineWidth: 1.5,
      lineDash: series.dash,
      lineJoin: 'bevel',
      lineCap: 'square',
    };
    if (curve.points > curve.length) {
      const points = bandPoints(curve, xPixel, yPixel, bottom);
      bands.push({ type: 'filigree-band', shape: { points }, style: { fill: stroke, opacity: 0.18 } });
    }
    const line = (values: Float64Array) => linePoints(curve, values, xPixel, yPixel);
    if (drawing.isSmoothed) {
      raw.push({
        type: 'filigree-curve',
        shape: { points: line(curve.last) },
        style: { ...style, lineWidth: 1, opacity: 0.25 },
      });
    }
    smooth.push({ type: 'filigree-curve', shape: { points: line(curve.smooth) }, style });
    for (let i = 0; i < curve.length; i++) {
      if (curve.nonFinite[i] > 0) broken.push(Math.round(xPixel(curve.x[i])));
    }
  }
  return [
    ...level(drawing, yPixel),
    ...bands,
    ...raw,
    ...smooth,
    ...rugs(drawing, xPixel, bottom),
    {
      type: 'filigree-curve',
      shape: { points: strokes([...new Set(broken)], bottom - 9, bottom) },
      style: { stroke: theme.bad, fill: 'none', lineWidth: 2 },
    },
  ];
}

function level({ reference, theme, margins, width }: LineDrawing, yPixel: (y: number) => number): object[] {
  if (!reference) return [];
  const y = Math.round(yPixel(reference.value)) + 0.5;
  return [
    {
      type: 'filigree-curve',
      shape: { points: Float64Array.of(margins.left, y, width - margins.right, y) },
      style: { stroke: theme.muted, fill: 'none', lineWidth: 1, lineDash: [4, 4] },
    },
    {
      type: 'text',
      x: width - margins.right - 4,
      y: y + 4,
      style: { text: reference.label, fill: theme.muted, font: `10px ${theme.font}`, align: 'right' },
    },
  ];
}

function linePoints(
  curve: DrawnCurve,
  values: Float64Array,
  xPixel: (x: number) => number,
  yPixel: (y: number) => number,
): Float64Array {
  const points = new Float64Array(2 * curve.length);
  for (let i = 0; i < curve.length; i++) {
    points[2 * i] = xPixel(curve.x[i]);
    const y = yPixel(values[i]);
    points[2 * i + 1] = Number.isFinite(y) ? y : NaN;
  }
  return points;
}

function bandPoints(
  curve: DrawnCurve,
  xPixel: (x: number) => number,
  yPixel: (y: number) => number,
  bottom: number,
): Float64Array {
  const points = new Float64Array(3 * curve.length);
  for (let i = 0; i < curve.length; i++) {
    points[3 * i] = xPixel(curve.x[i]);
    points[3 * i + 1] = yPixel(curve.max[i]);
    const low = yPixel(curve.min[i]);
    // On a log axis a minimum of zero lies below every pixel.
    points[3 * i + 2] = Number.isFinite(low) ? low : bottom;
  }
  return points;
}

/** Topology updates hang from the top edge, fine phases stand on the bottom one. */
function rugs(drawing: LineDrawing, xPixel: (x: number) => number, bottom: number): object[] {
  const longest = drawing.lines.reduce<DrawnCurve | undefined>(
    (best, { curve }) => (best && best.length >= curve.length ? best : curve),
    undefined,
  );
  if (!longest) return [];
  const at = (wanted: ChartMark['kind']) => {
    const pixels = new Set<number>();
    for (const { step, kind } of drawing.marks) {
      const x = kind === wanted ? longest.xOfStep(step) : undefined;
      if (x !== undefined) pixels.add(Math.round(xPixel(x)) + 0.5);
    }
    return [...pixels];
  };
  const { top } = drawing.margins;
  const rug = (points: Float64Array, stroke: string, opacity: number) => ({
    type: 'filigree-curve',
    shape: { points },
    style: { stroke, fill: 'none', lineWidth: 1, opacity },
  });
  return [
    rug(strokes(at('fine'), bottom - 5, bottom), drawing.theme.accent, 0.55),
    rug(strokes(at('topology'), top, top + 4), drawing.theme.muted, 0.45),
  ];
}

function strokes(pixels: readonly number[], from: number, to: number): Float64Array {
  const points = new Float64Array(6 * pixels.length);
  pixels.forEach((x, i) => points.set([x, from, x, to, x, NaN], 6 * i));
  return points;
}
