import { byteCount, popCount, type BitMatrix } from './bits.ts';

/** What happened to a mask between a snapshot and the one before. */
export interface ChurnPoint {
  /** Completed training steps. */
  step: number;
  nnz: number;
  born: number;
  died: number;
  /** Of the born ones, those that had been alive at some time before. */
  regrown: number;
  /** Share of all entries that were alive at some snapshot so far: the ITOP rate (arXiv 2102.02887). */
  explored: number;
}

/** Share of links that live at least so many steps. */
export interface SurvivalPoint {
  age: number;
  share: number;
}

/**
 * The history of a mask, folded in one snapshot at a time: what changed, since when every entry has been in its
 * present state, and how often it flipped.
 */
export class MaskHistory {
  readonly #entries: number;
  readonly #alive: Uint8Array;
  readonly #ever: Uint8Array;
  /** Number of the snapshot at which each entry last changed. */
  readonly #changedAt: Uint16Array;
  /** Flips of each entry; stays at 255 beyond. */
  readonly #flips: Uint8Array;
  readonly #points: ChurnPoint[] = [];
  /** Lifetimes in steps that have ended, and how many links had each. */
  readonly #lifetimes = new Map<number, number>();
  #explored = 0;

  constructor(rows: number, columns: number) {
    this.#entries = rows * columns;
    this.#alive = new Uint8Array(byteCount(this.#entries));
    this.#ever = new Uint8Array(this.#alive.length);
    this.#changedAt = new Uint16Array(this.#entries);
    this.#flips = new Uint8Array(this.#entries);
  }

  get points(): readonly ChurnPoint[] {
    return this.#points;
  }

  /** Adds the next snapshot; the first one counts nothing as born. */
  push(step: number, mask: BitMatrix): void {
    const number = this.#points.length;
    const point = { step, nnz: 0, born: 0, died: 0, regrown: 0, explored: 0 };
    for (let byte = 0; byte < this.#alive.length; byte++) {
      const before = this.#alive[byte];
      const now = mask.bits[byte];
      if (now === 0 && before === 0) continue;
      point.nnz += popCount(now);
      this.#explored += popCount(now & ~this.#ever[byte]);
      if (number > 0 && now !== before) {
        point.born += popCount(now & ~before);
        point.died += popCount(before & ~now);
        point.regrown += popCount(now & ~before & this.#ever[byte]);
        this.#flip(8 * byte, now ^ before, before, number, step);
      }
      this.#ever[byte] |= now;
      this.#alive[byte] = now;
    }
    point.explored = this.#explored / this.#entries;
    this.#points.push(point);
  }

  #flip(first: number, changed: number, before: number, number: number, step: number): void {
    for (let rest = changed; rest !== 0; rest &= rest - 1) {
      const bit = 31 - Math.clz32(rest & -rest);
      const index = first + bit;
      if ((before >> bit) & 1) {
        const lifetime = step - this.#points[this.#changedAt[index]].step;
        this.#lifetimes.set(lifetime, (this.#lifetimes.get(lifetime) ?? 0) + 1);
      }
      this.#changedAt[index] = number;
      if (this.#flips[index] < 255) this.#flips[index]++;
    }
  }

  /** For every entry the step since which it has been as it is now. */
  sinceSteps(): Float32Array {
    const steps = this.#points.map(({ step }) => step);
    // A loop: Float32Array.from takes seconds for millions of entries.
    const since = new Float32Array(this.#entries);
    for (let index = 0; index < since.length; index++) since[index] = steps[this.#changedAt[index]];
    return since;
  }

  /** For every entry how often it flipped. */
  flipCounts(): Uint8Array {
    return this.#flips.slice();
  }

  /**
   * Survival of links by age: the Kaplan-Meier estimate, in which links that still live count as long as they have
   * been seen.
   */
  survival(): SurvivalPoint[] {
    const now = this.#points.at(-1)?.step ?? 0;
    const stillAlive = new Map<number, number>();
    for (let index = 0; index < this.#entries; index++) {
      if (((this.#alive[index >> 3] >> (index & 7)) & 1) === 0) continue;
      const age = now - this.#points[this.#changedAt[index]].step;
      stillAlive.set(age, (stillAlive.get(age) ?? 0) + 1);
    }
    const total = (counts: Map<number, number>) => [...counts.values()].reduce((a, b) => a + b, 0);
    let atRisk = total(this.#lifetimes) + total(stillAlive);
    let share = 1;
    const curve: SurvivalPoint[] = [{ age: 0, share }];
    const ages = [...new Set([...this.#lifetimes.keys(), ...stillAlive.keys()])].sort((a, b) => a - b);
    for (const age of ages) {
      const ended = this.#lifetimes.get(age) ?? 0;
      if (atRisk > 0) share *= 1 - ended / atRisk;
      atRisk -= ended + (stillAlive.get(age) ?? 0);
      if (age > 0) curve.push({ age, share });
    }
    return curve;
  }
}
