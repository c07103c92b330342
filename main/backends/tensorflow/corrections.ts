import type { Ops } from './ops.ts';

interface Betas {
  beta1: number;
  beta2: number;
}

/** Adam's bias correction after t updates, t ≥ 1: the factors of the first moment and of the second one's root. */
export function correctionsAt(t: number, { beta1, beta2 }: Betas) {
  return { correction1: 1 / (1 - beta1 ** t), correction2: 1 / Math.sqrt(1 - beta2 ** t) };
}

/**
 * Both factors as vectors indexed by t: in single precision 1 − βᵗ would lose its digits. They end where both have
 * become 1, or a little beyond the largest count asked for.
 */
export class CorrectionTables<T> {
  readonly #ops: Ops<T>;
  #key = '';
  #tables: readonly T[] = [];

  constructor(ops: Ops<T>) {
    this.#ops = ops;
  }

  /** The vectors of `correction1` and `correction2` up to t = `most` at least; they stay this object's. */
  upTo(most: number, betas: Betas): readonly T[] {
    const length = 2 ** Math.max(10, Math.ceil(Math.log2(most + 1)));
    const key = `${length} ${betas.beta1} ${betas.beta2}`;
    if (this.#key === key) return this.#tables;
    this.dispose();
    const first = new Float32Array(length);
    const second = new Float32Array(length);
    let end = 1;
    while (end < length && !(first[end - 1] === 1 && second[end - 1] === 1)) {
      ({ correction1: first[end], correction2: second[end] } = correctionsAt(end, betas));
      end++;
    }
    this.#tables = [first, second].map((table) => this.#ops.upload(table.subarray(0, end), [end]));
    this.#key = key;
    return this.#tables;
  }

  dispose(): void {
    for (const table of this.#tables) this.#ops.free(table);
    this.#tables = [];
    this.#key = '';
  }
}
