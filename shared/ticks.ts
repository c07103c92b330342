/** An axis: its range in drawing units (the logarithm on a log axis) and where its labels stand. */
export interface AxisRange {
  min: number;
  max: number;
  ticks: number[];
}

function roundStep(span: number, count: number, factors: readonly number[]): number {
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = factors.find((f) => f * power >= raw * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** A step of 1, 2 or 5 times a power of ten that divides `span` into at most `count` parts. */
export function niceStep(span: number, count: number): number {
  return roundStep(span, count, [1, 2, 5]);
}

/** Quarters too, for axes of large counts: 250 k needs no more digits than 500 k. */
export function countStep(span: number, count: number): number {
  return roundStep(span, count, span > 100 ? [1, 2, 2.5, 5] : [1, 2, 5]);
}

/** A step of 1, 2, 4, 8 ... times a power of 1024, for bytes. */
export function binaryStep(span: number, count: number): number {
  return 2 ** Math.ceil(Math.log2(span / Math.max(1, count)));
}

const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];

/** A step of whole seconds, minutes, hours or days that divides `span` seconds into at most `count` parts. */
export function timeStep(span: number, count: number): number {
  const raw = span / Math.max(1, count);
  if (raw < 1) return niceStep(span, count);
  return timeSteps.find((step) => step >= raw) ?? 86400 * niceStep(span / 86400, count);
}

/** 0.3, not 0.30000000000000004. */
const rounded = (value: number) => Number(value.toPrecision(12));

function ticksBetween(min: number, max: number, step: number): number[] {
  const ticks: number[] = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; i++) {
    ticks.push(rounded(i * step));
  }
  return ticks;
}

/** An x axis: exactly the given range, at most `count` labels at round values inside it. */
export function exactAxis(min: number, max: number, count: number, stepOf = niceStep): AxisRange {
  if (!(max > min)) [min, max] = [min - 0.5, min + 0.5];
  return { min, max, ticks: ticksBetween(min, max, stepOf(max - min, count)) };
}

/** A y axis: widened to round values, so that no line touches the frame. */
export function niceAxis(min: number, max: number, count: number, stepOf = niceStep): AxisRange {
  if (!Number.isFinite(min) || !Number.isFinite(max)) return { min: 0, max: 1, ticks: [0, 1] };
  if (!(max > min)) {
    const around = Math.abs(min) * 0.1 || 1;
    [min, max] = [min - around, max + around];
  }
  const step = stepOf(max - min, count);
  const low = rounded(Math.floor(min / step + 1e-9) * step);
  const high = rounded(Math.ceil(max / step - 1e-9) * step);
  return { min: low, max: high, ticks: ticksBetween(low, high, step) };
}

/** A logarithmic y axis over log10 values: whole decades, or 1-2-5 within a few of them. */
export function logAxis(min: number, max: number, count: number): AxisRange {
  if (!Number.isFinite(min) || !Number.isFinite(max)) return { min: 0, max: 1, ticks: [0, 1] };
  const span = Math.max(max - min, 0.05);
  const pad = span * 0.04;
  const [low, high] = [min - pad, max + pad];
  if (span > 2) {
    const every = Math.max(1, Math.ceil(span / count));
    return { min: low, max: high, ticks: ticksBetween(low, high, every) };
  }
  const factors = span > 0.7 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9];
  const ticks: number[] = [];
  for (let decade = Math.floor(low); decade <= high; decade++) {
    for (const factor of factors) {
      const at = decade + Math.log10(factor);
      if (at >= low && at <= high) ticks.push(at);
    }
  }
  if (ticks.length >= 2) return { min: low, max: high, ticks };
  const linear = niceAxis(10 ** low, 10 ** high, count).ticks.filter((v) => v > 0);
  return { min: low, max: high, ticks: linear.map(Math.log10).filter((v) => v >= low && v <= high) };
}
