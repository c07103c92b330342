/** A point that competes: high `y` and low `x` are better (accuracy against FLOPs or density). */
export interface Competitor {
  x: number;
  y: number;
}

/**
 * Points that no other point beats in one respect without losing in the other, by ascending x. Points that are not
 * finite take no part; of equal ones the first stays. O(n log n).
 */
export function paretoFront<P extends Competitor>(points: readonly P[]): P[] {
  const sorted = points
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
    .sort((a, b) => a.x - b.x || b.y - a.y);
  const front: P[] = [];
  let best = -Infinity;
  for (const point of sorted) {
    if (point.y <= best) continue;
    front.push(point);
    best = point.y;
  }
  return front;
}
