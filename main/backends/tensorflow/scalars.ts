import type { Ops } from './ops.ts';

/** Numbers that programs take as inputs, on the engine as long as they do not change. */
export class Scalars<T> {
  readonly #ops: Ops<T>;
  readonly #uploaded = new Map<string, { value: number; tensor: T }>();

  constructor(ops: Ops<T>) {
    this.#ops = ops;
  }

  /** The scalar of this name with this value, []. It stays this object's. */
  get(name: string, value: number): T {
    const known = this.#uploaded.get(name);
    if (known && Object.is(known.value, value)) return known.tensor;
    if (known) this.#ops.free(known.tensor);
    const tensor = this.#ops.upload(Float32Array.of(value), []);
    this.#uploaded.set(name, { value, tensor });
    return tensor;
  }

  dispose(): void {
    for (const { tensor } of this.#uploaded.values()) this.#ops.free(tensor);
    this.#uploaded.clear();
  }
}
