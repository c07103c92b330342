import { countRange, forEachOne, type BitMatrix } from './bits.ts';

export interface Degrees {
  /** Ones per row: the fan-in of each output. */
  rows: Uint32Array;
  /** Ones per column: the fan-out of each input (of each tap, for a convolution). */
  columns: Uint32Array;
}

export function degrees(matrix: BitMatrix): Degrees {
  const rows = new Uint32Array(matrix.rows);
  const columns = new Uint32Array(matrix.columns);
  for (let r = 0; r < matrix.rows; r++) {
    rows[r] = countRange(matrix.bits, r * matrix.columns, (r + 1) * matrix.columns);
  }
  forEachOne(matrix, (_row, column) => columns[column]++);
  return { rows, columns };
}

/** What a list of degrees looks like as a distribution. */
export interface DegreeSummary {
  units: number;
  /** Units without any connection. */
  dead: number;
  /** Units with exactly one connection. */
  single: number;
  min: number;
  max: number;
  mean: number;
  /** Inequality, 0 (all equal) to 1 (one unit has everything). */
  gini: number;
  /** Units of each degree: `counts[k]` have k connections. */
  counts: Uint32Array;
}

export function summarizeDegrees(list: Uint32Array): DegreeSummary {
  let max = 0;
  let min = list.length > 0 ? Infinity : 0;
  let sum = 0;
  for (const degree of list) {
    if (degree > max) max = degree;
    if (degree < min) min = degree;
    sum += degree;
  }
  const counts = new Uint32Array(max + 1);
  for (const degree of list) counts[degree]++;
  return {
    units: list.length,
    dead: counts[0] ?? 0,
    single: counts[1] ?? 0,
    min,
    max,
    mean: list.length > 0 ? sum / list.length : 0,
    gini: giniOfCounts(counts),
    counts,
  };
}

/** Gini coefficient: Σ (2i − n − 1) x_i / (n Σ x) over the sorted values, from the count of each value. */
function giniOfCounts(counts: Uint32Array): number {
  let n = 0;
  let total = 0;
  for (let value = 0; value < counts.length; value++) {
    n += counts[value];
    total += value * counts[value];
  }
  if (total === 0) return 0;
  let before = 0;
  let sum = 0;
  for (let value = 0; value < counts.length; value++) {
    const m = counts[value];
    // Ranks before + 1 … before + m have this value; Σ (2i − n − 1) over them is m (2 before + m − n).
    sum += value * m * (2 * before + m - n);
    before += m;
  }
  return sum / (n * total);
}

/** Share of units with at least k connections, for k = 0 … max: the complementary cumulative distribution. */
export function shareAtLeast(counts: Uint32Array): Float64Array {
  const share = new Float64Array(counts.length);
  let units = 0;
  for (let k = counts.length - 1; k >= 0; k--) {
    units += counts[k];
    share[k] = units;
  }
  for (let k = 0; k < share.length; k++) share[k] /= units || 1;
  return share;
}

/**
 * Probability of 0 … `upTo` connections if each of `trials` were there with probability `density`, independently:
 * what a random mask would look like. Computed from the most likely value outwards, so that nothing underflows.
 */
export function binomial(trials: number, density: number, upTo: number): Float64Array {
  const result = new Float64Array(upTo + 1);
  if (density <= 0 || density >= 1) {
    const only = density <= 0 ? 0 : trials;
    if (only <= upTo) result[only] = 1;
    return result;
  }
  const all = new Float64Array(trials + 1);
  const mode = Math.min(trials, Math.floor((trials + 1) * density));
  const odds = density / (1 - density);
  all[mode] = 1;
  for (let k = mode; k < trials; k++) all[k + 1] = (all[k] * (trials - k) * odds) / (k + 1);
  for (let k = mode; k > 0; k--) all[k - 1] = (all[k] * k) / ((trials - k + 1) * odds);
  const sum = all.reduce((a, b) => a + b, 0);
  for (let k = 0; k <= Math.min(upTo, trials); k++) result[k] = all[k] / sum;
  return result;
}
