import type { EChartsCoreOption } from 'echarts/core';
import type { XKind } from '../../shared/contract.ts';
import type { AxisRange } from '../../shared/ticks.ts';
import { number } from '../format.ts';
import type { DrawnCurve } from './drawn-curve.ts';
import { shortened, type LineAxes } from './line-axes.ts';
import { lineShapes } from './line-shapes.ts';
import type { ChartTheme } from './theme.ts';
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
        renderItem: () => ({ type: 'group', children: lineShapes(drawing, axes) }),
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
