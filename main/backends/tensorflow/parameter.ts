import type { GradientMode, ParameterInfo, Slot } from '../backend.ts';
import { layoutOf, type Layout } from './layout.ts';
import type { Ops, Variable } from './ops.ts';
import type { Programs } from './programs.ts';

/** Slots that belong to a coordinate's life inside the mask: cleared when it leaves or enters. */
const maskedSlots: readonly Slot[] = ['value', 'momentum', 'moment1', 'moment2', 'updates'];

/** The values, mask, gradient and optimiser state of one parameter, on the engine. */
export class TensorParameter<T> {
  readonly info: ParameterInfo;
  readonly layout: Layout;
  readonly value: Variable<T>;
  readonly gradient: Variable<T>;
  /** 1 inside, 0 outside; undefined for parameters that have no mask. */
  readonly mask: Variable<T> | undefined;
  /** Entries inside the mask. */
  active: number;
  /** Whether the gradient covers every coordinate, as an update of scope `all` needs. */
  gradientComplete = true;
  /** Whether the gradient and the momentum are 0 outside the mask. */
  #gradientInside = true;
  #momentumInside = true;
  /** No coordinate was updated more often than this, and where `updatedEqually` none was less often. */
  mostUpdates = 0;
  updatedEqually = true;
  readonly #ops: Ops<T>;
  readonly #programs: Programs<T>;
  readonly #slots = new Map<Slot, Variable<T>>();
  readonly #used = new Set<Slot>();

  constructor(ops: Ops<T>, programs: Programs<T>, info: ParameterInfo) {
    this.#ops = ops;
    this.#programs = programs;
    this.info = info;
    this.layout = layoutOf(info.shape);
    this.value = this.#create('value');
    this.gradient = this.#create('gradient');
    const { shape } = this.layout;
    this.mask = info.sparse ? ops.variable(new Float32Array(info.size).fill(1), shape) : undefined;
    this.active = info.size;
  }

  /** The variable of a slot that a program is about to write, made of zeros at its first use. */
  slot(slot: Slot): Variable<T> {
    this.#used.add(slot);
    return this.#slots.get(slot) ?? this.#create(slot);
  }

  #create(slot: Slot): Variable<T> {
    const variable = this.#ops.variable(new Float32Array(this.info.size), this.layout.shape);
    this.#slots.set(slot, variable);
    return variable;
  }

  /** Whether a slot may hold anything but zeros, which only the engine could tell for sure. */
  uses(slot: Slot): boolean {
    return this.#used.has(slot);
  }

  /** Whether anything lies outside the mask. */
  get masked(): boolean {
    return this.active < this.info.size;
  }

  get bytes(): number {
    const tensors = this.#slots.size + (this.mask ? 1 : 0);
    return tensors * this.info.size * Float32Array.BYTES_PER_ELEMENT;
  }

  async read(slot: Slot): Promise<Float32Array> {
    const variable = this.#slots.get(slot);
    if (!variable) return new Float32Array(this.info.size);
    return this.layout.fromEngine(await variable.read());
  }

  async write(slot: Slot, data: Float32Array): Promise<void> {
    if (slot === 'gradient') this.gradientComplete = true;
    if (slot === 'gradient') this.#gradientInside = false;
    if (slot === 'momentum') this.#momentumInside = await this.#isInside(data);
    if (!this.uses(slot) && data.every((v) => v === 0)) return;
    this.slot(slot).write(this.layout.toEngine(data));
    if (slot === 'value') this.#zeroMasked();
    if (slot === 'updates') {
      this.mostUpdates = data.reduce((most, t) => Math.max(most, t), 0);
      this.updatedEqually = data.every((t) => t === this.mostUpdates);
    }
  }

  async #isInside(data: Float32Array): Promise<boolean> {
    if (!this.masked) return true;
    const mask = await this.readMask();
    return data.every((v, i) => v === 0 || mask[i] === 1);
  }

  /** Restores the invariant that a weight outside the mask is exactly 0. */
  #zeroMasked(): void {
    const { mask, value } = this;
    if (!mask || !this.masked) return;
    const ops = this.#ops;
    this.#programs.run(`zero ${this.info.name}`, [], () => {
      value.assign(ops.select(mask.value(), value.value(), ops.constant([0], [])));
      return [];
    });
  }

  async readMask(): Promise<Uint8Array> {
    if (!this.mask) return new Uint8Array(this.info.size).fill(1);
    return Uint8Array.from(this.layout.fromEngine(await this.mask.read()));
  }

  /** Sets the mask (non-zero is inside) and clears what belongs to the coordinates that left or entered it. */
  writeMask(mask: Uint8Array): void {
    const { mask: own, layout } = this;
    const { name } = this.info;
    if (!own) throw new Error(`${name} is not a sparse parameter: it has no mask to write`);
    const ops = this.#ops;
    const inside = mask.map((m) => (m ? 1 : 0));
    const cleared = maskedSlots.filter((slot) => this.uses(slot));
    const input = ops.upload(layout.toEngine(inside), layout.shape);
    this.#programs.run(`mask ${name} ${cleared.join()}`, [input], ([bytes]) => {
      const next = ops.toFloat(bytes);
      const stays = ops.equal(next, own.value());
      for (const slot of cleared) {
        const variable = this.slot(slot);
        variable.assign(ops.select(stays, variable.value(), ops.constant([0], [])));
      }
      own.assign(next);
      return [];
    });
    ops.free(input);
    this.active = inside.reduce((sum, m) => sum + m, 0);
    this.#gradientInside = false;
    if (this.mostUpdates > 0) this.updatedEqually = false;
  }

  /**
   * Before a pass.
   * @returns whether the pass yields the gradient of the coordinates inside the mask only
   */
  beginGradient(mode: GradientMode): boolean {
    const support = mode === 'support' && this.masked;
    this.gradientComplete = !support;
    this.#gradientInside = support;
    this.#used.add('gradient');
    return support;
  }

  /** In a pass's program: what the pass yields, added to the gradient or in its place, 0 outside the mask if so. */
  takeGradient(value: T, accumulate: boolean, support: boolean): void {
    const ops = this.#ops;
    const sum = accumulate ? ops.add(this.gradient.value(), value) : value;
    this.gradient.assign(support ? ops.select(this.mask!.value(), sum, ops.constant([0], [])) : sum);
  }

  /** Whether gradient and momentum are 0 outside the mask: a step by them leaves the weights there at 0. */
  get stepsInside(): boolean {
    return !this.masked || (this.#gradientInside && this.#momentumInside);
  }

  /** After an update that was not confined to the mask, or that changed it. */
  leaveMask(): void {
    this.#gradientInside = false;
    this.#momentumInside = !this.uses('momentum');
  }

  /** After an update by Adam's moments, of every coordinate or of those inside the mask. */
  countUpdate(ofAll: boolean): void {
    this.mostUpdates++;
    if (!ofAll) this.updatedEqually = false;
  }

  free(): void {
    for (const variable of this.#slots.values()) variable.free();
    this.mask?.free();
  }
}
