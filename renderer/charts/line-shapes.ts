import type { DrawnCurve } from './drawn-curve.ts';
import { scaleOf, type LineAxes } from './line-axes.ts';
import type { ChartMark, LineDrawing } from './line-drawing.ts';

/** Bands at the back, then raw lines, smoothed lines, marks and values that cannot be drawn. */
export function lineShapes(drawing: LineDrawing, axes: LineAxes): object[] {
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
