import { bitAt, type BitMatrix } from './bits.ts';
import { summarizeDegrees } from './degrees.ts';
import { densityPyramid } from './pyramid.ts';

/** At most n ones in every group of m consecutive entries of a row. */
export interface GroupPattern {
  n: number;
  m: number;
}

export const groupPatterns: readonly GroupPattern[] = [
  { n: 1, m: 4 },
  { n: 2, m: 4 },
  { n: 4, m: 8 },
];

export interface GroupCheck extends GroupPattern {
  groups: number;
  violating: number;
  /** Ones that would have to go for the pattern to hold everywhere. */
  excess: number;
  /** Groups by number of ones, 0 … m. */
  counts: number[];
}

/** Calls `visit` with the entries [from, to) of every group and its ones; the last group of a row may be shorter. */
function forEachGroup(
  matrix: BitMatrix,
  m: number,
  visit: (from: number, to: number, ones: number) => void,
): void {
  for (let row = 0; row < matrix.rows; row++) {
    const end = (row + 1) * matrix.columns;
    for (let from = row * matrix.columns; from < end; from += m) {
      const to = Math.min(from + m, end);
      let ones = 0;
      for (let i = from; i < to; i++) ones += bitAt(matrix.bits, i);
      visit(from, to, ones);
    }
  }
}

/**
 * Checks an n:m pattern along the rows, the direction in which sparse tensor cores want it: inputs of one output.
 * Convolutions have to be arranged with the input channel last (`channels`).
 */
export function checkGroups(matrix: BitMatrix, { n, m }: GroupPattern): GroupCheck {
  const counts = new Array<number>(m + 1).fill(0);
  forEachGroup(matrix, m, (_from, _to, ones) => counts[ones]++);
  const over = counts.slice(n + 1);
  return {
    n,
    m,
    groups: counts.reduce((a, b) => a + b, 0),
    violating: over.reduce((a, b) => a + b, 0),
    excess: over.reduce((sum, groups, i) => sum + groups * (i + 1), 0),
    counts,
  };
}

/** The mask without the ones of groups that break the pattern. */
export function withoutViolations(matrix: BitMatrix, { n, m }: GroupPattern): BitMatrix {
  const bits = matrix.bits.slice();
  forEachGroup(matrix, m, (from, to, ones) => {
    if (ones <= n) return;
    for (let i = from; i < to; i++) bits[i >> 3] &= ~(1 << (i & 7));
  });
  return { ...matrix, bits };
}

export interface BlockCheck {
  /** Blocks of size × size entries. */
  size: number;
  blocks: number;
  empty: number;
}

/** Blocks without a single one, for the block sizes that block-sparse kernels come in. */
export function checkBlocks(matrix: BitMatrix): BlockCheck[] {
  const pyramid = densityPyramid(matrix, 5);
  return [4, 16, 32].map((size) => {
    const { values } = pyramid[Math.log2(size) - 1];
    let empty = 0;
    for (const ones of values) if (ones === 0) empty++;
    return { size, blocks: values.length, empty };
  });
}

export interface FanInCheck {
  /** The most common fan-in of rows that are alive, and how many have it. */
  fanIn: number;
  rows: number;
  aliveRows: number;
  deadRows: number;
  min: number;
  max: number;
}

/** Does every row that is alive have the same number of inputs? Rows without any may be left out (arXiv 2305.02299). */
export function checkFanIn(rowDegrees: Uint32Array): FanInCheck {
  const alive = rowDegrees.filter((degree) => degree > 0);
  const { counts, min, max } = summarizeDegrees(alive);
  let fanIn = 0;
  for (let k = 1; k < counts.length; k++) if (counts[k] > counts[fanIn] || fanIn === 0) fanIn = k;
  return {
    fanIn: alive.length > 0 ? fanIn : 0,
    rows: alive.length > 0 ? counts[fanIn] : 0,
    aliveRows: alive.length,
    deadRows: rowDegrees.length - alive.length,
    min,
    max,
  };
}
