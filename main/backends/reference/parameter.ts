import type { GradientMode, ParameterInfo, Slot, UpdateOptions } from '../backend.ts';

/** Slots that belong to a coordinate's life inside the mask: cleared when it leaves or enters. */
const maskedSlots: readonly Slot[] = ['value', 'momentum', 'moment1', 'moment2', 'updates'];

/** The values, mask, gradient and optimiser state of one parameter. */
export class Parameter {
  readonly info: ParameterInfo;
  readonly value: Float32Array;
  readonly gradient: Float32Array;
  readonly #slots = new Map<Slot, Float32Array>();
  /** Undefined for parameters that have no mask. */
  readonly #mask: Uint8Array | undefined;
  #active: number;
  #gradientComplete = true;

  constructor(info: ParameterInfo) {
    this.info = info;
    this.value = this.slot('value');
    this.gradient = this.slot('gradient');
    this.#mask = info.sparse ? new Uint8Array(info.size).fill(1) : undefined;
    this.#active = info.size;
  }

  /** Entries inside the mask. */
  get active(): number {
    return this.#active;
  }

  /** Whether the gradient covers every coordinate, as an update of scope `all` needs. */
  get gradientComplete(): boolean {
    return this.#gradientComplete;
  }

  /** The live tensor of a slot, made of zeros at its first use. */
  slot(slot: Slot): Float32Array {
    let tensor = this.#slots.get(slot);
    if (!tensor) this.#slots.set(slot, (tensor = new Float32Array(this.info.size)));
    return tensor;
  }

  /** Whether a slot holds anything but zeros. */
  uses(slot: Slot): boolean {
    return this.#slots.get(slot)?.some((v) => v !== 0) ?? false;
  }

  get bytes(): number {
    let bytes = this.#mask?.byteLength ?? 0;
    for (const tensor of this.#slots.values()) bytes += tensor.byteLength;
    return bytes;
  }

  inMask(i: number): boolean {
    return this.#mask === undefined || this.#mask[i] === 1;
  }

  /** Whether a pass of this mode yields the gradient of coordinate i. */
  hasGradient(i: number, mode: GradientMode): boolean {
    return mode === 'dense' || this.inMask(i);
  }

  /** Calls `visit` for every coordinate of the scope, ascending. */
  forEach(scope: UpdateOptions['scope'], visit: (i: number) => void): void {
    for (let i = 0; i < this.info.size; i++) {
      if (scope === 'all' || this.inMask(i)) visit(i);
    }
  }

  /** Before a pass: forgets the gradients, or when accumulating only those that the pass will not yield. */
  beginGradient(mode: GradientMode, accumulate: boolean): void {
    if (!accumulate) this.gradient.fill(0);
    else if (mode === 'support') this.#zeroOutside(this.gradient);
    this.#gradientComplete = mode === 'dense' || this.#active === this.info.size;
  }

  write(slot: Slot, data: Float32Array): void {
    this.slot(slot).set(data);
    if (slot === 'value') this.zeroMasked();
    if (slot === 'gradient') this.#gradientComplete = true;
  }

  /** Restores the invariant that a weight outside the mask is exactly 0. */
  zeroMasked(): void {
    this.#zeroOutside(this.value);
  }

  #zeroOutside(tensor: Float32Array): void {
    if (this.#active === this.info.size) return;
    for (let i = 0; i < tensor.length; i++) if (!this.inMask(i)) tensor[i] = 0;
  }

  copyMask(): Uint8Array {
    return this.#mask?.slice() ?? new Uint8Array(this.info.size).fill(1);
  }

  /** Sets the mask (non-zero is inside) and clears what belongs to the coordinates that left or entered it. */
  writeMask(mask: Uint8Array): void {
    const own = this.#mask;
    if (!own) throw new Error(`${this.info.name} is not a sparse parameter: it has no mask to write`);
    for (let i = 0; i < own.length; i++) {
      const inside = mask[i] ? 1 : 0;
      if (inside === own[i]) continue;
      own[i] = inside;
      this.#active += inside ? 1 : -1;
      for (const slot of maskedSlots) {
        const tensor = this.#slots.get(slot);
        if (tensor) tensor[i] = 0;
      }
    }
  }

  /** A ← (θ ≠ 0). Optimiser state is kept. */
  reselect(): void {
    if (!this.#mask) return;
    this.#active = 0;
    for (let i = 0; i < this.info.size; i++) {
      this.#mask[i] = this.value[i] !== 0 ? 1 : 0;
      this.#active += this.#mask[i];
    }
  }
}
