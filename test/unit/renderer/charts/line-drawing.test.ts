import { describe, expect, it } from 'vitest';
import { DrawnCurve } from '../../../../renderer/charts/drawn-curve.ts';
import { lineAxes } from '../../../../renderer/charts/line-axes.ts';
import { lineOption, plotMargins, type LineDrawing } from '../../../../renderer/charts/line-drawing.ts';
import { curveOf } from './curves.ts';

const theme = {
  text: '#000',
  muted: '#666',
  grid: '#eee',
  axis: '#ccc',
  background: '#fff',
  accent: '#00f',
  bad: '#f00',
  font: 'sans-serif',
  color: (css: string) => css,
};

function drawing(values: number[], more: Partial<LineDrawing> = {}): LineDrawing {
  const points = values.map((value, i) => ({ step: i * 10, x: i * 10, value }));
  return {
    width: 400,
    height: 200,
    margins: plotMargins,
    lines: [
      {
        series: { runId: 'a', key: 'k', label: 'k', color: '#123456' },
        curve: new DrawnCurve(curveOf(points, 0), 0),
      },
    ],
    x: 'step',
    range: undefined,
    yScale: 'linear',
    fromZero: false,
    cutPeaks: false,
    binary: false,
    isSmoothed: false,
    marks: [],
    format: String,
    theme,
    ...more,
  };
}

interface Shape {
  type: string;
  shape: { points: Float64Array };
  style: { stroke?: string };
}
function shapesOf(d: LineDrawing): Shape[] {
  const { series } = lineOption(d, lineAxes(d)) as {
    series: { renderItem: () => { children: Shape[] } }[];
  };
  return series[0].renderItem().children;
}
const lineOf = (d: LineDrawing) => shapesOf(d).find(({ style }) => style.stroke === '#123456')!.shape.points;

describe('lineAxes', () => {
  it('fits what is in the zoomed range', () => {
    const { x, y } = lineAxes(drawing([100, 1, 2, 3, 100], { range: [10, 30] }));
    expect([x.min, x.max]).toEqual([10, 30]);
    expect(y.min).toBeGreaterThanOrEqual(0);
    expect(y.max).toBeLessThan(5);
  });

  it('ignores values that cannot be drawn', () => {
    const { y } = lineAxes(drawing([1, NaN, Infinity, 2]));
    expect([y.min, y.max]).toEqual([1, 2]);
    const log = lineAxes(drawing([0, -5, 10, 1000], { yScale: 'log' }));
    expect(log.y.min).toBeCloseTo(1, 0);
    expect(log.toY(0)).toBeNaN();
  });

  it('shows zero and the reference where asked', () => {
    expect(lineAxes(drawing([5, 6], { fromZero: true })).y.min).toBe(0);
    expect(lineAxes(drawing([5, 6], { reference: { value: 100, label: 'dense' } })).y.max).toBe(100);
  });

  it('cuts rare peaks off, and says how high they are', () => {
    const usual = Array.from({ length: 200 }, (_, i) => 1 + (i % 5) / 10);
    const { y, peak } = lineAxes(drawing([...usual, 900], { cutPeaks: true, fromZero: true }));
    expect(y.max).toBeLessThan(3);
    expect(peak).toBe(900);
    expect(lineAxes(drawing(usual, { cutPeaks: true })).peak).toBeUndefined();
  });

  it('starts at zero where the first point is nearly there', () => {
    const late = drawing([1, 2]);
    expect(lineAxes(late).x.min).toBe(0);
    const far = {
      ...late,
      lines: [
        {
          ...late.lines[0],
          curve: new DrawnCurve(
            curveOf(
              [
                { step: 90, x: 90, value: 1 },
                { step: 100, x: 100, value: 2 },
              ],
              0,
            ),
            0,
          ),
        },
      ],
    };
    expect(lineAxes(far).x.min).toBe(90);
  });
});

describe('lineOption', () => {
  it('leaves gaps where values are missing, and marks them at the axis', () => {
    const d = drawing([1, NaN, 3]);
    const points = lineOf(d);
    expect(points).toHaveLength(6);
    expect(points[3]).toBeNaN();
    const marks = shapesOf(d).find(({ style }) => style.stroke === theme.bad)!.shape.points;
    // One stroke of three points.
    expect(marks).toHaveLength(6);
    expect(marks[0]).toBe(Math.round(points[2]));
  });

  it('puts the ends of the line at the ends of the plot', () => {
    const points = lineOf(drawing([1, 2, 3]));
    expect(points[0]).toBeCloseTo(plotMargins.left);
    expect(points[4]).toBeCloseTo(400 - plotMargins.right);
    expect(points[1]).toBeGreaterThan(points[5]);
  });

  it('draws no band where every point is drawn', () => {
    expect(shapesOf(drawing([1, 2])).some(({ type }) => type === 'filigree-band')).toBe(false);
  });

  it('makes up no numbers for an empty chart', () => {
    const d = drawing([]);
    const option = lineOption(d, lineAxes(d)) as { xAxis: { axisLabel: { show: boolean } } };
    expect(option.xAxis.axisLabel.show).toBe(false);
  });

  it('marks fine steps once per pixel', () => {
    const marks = Array.from({ length: 1000 }, (_, i) => ({ step: i / 50, kind: 'fine' as const }));
    const rug = shapesOf(drawing([1, 2, 3], { marks })).find(({ style }) => style.stroke === theme.accent)!;
    expect(rug.shape.points.length / 6).toBeLessThan(400);
    expect(rug.shape.points.length).toBeGreaterThan(0);
  });
});
