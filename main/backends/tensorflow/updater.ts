import type { UpdateOptions, UpdateRule } from '../backend.ts';
import { CorrectionTables, correctionsAt } from './corrections.ts';
import { moving, treatmentOf } from './moving.ts';
import type { Ops, ProgramBody } from './ops.ts';
import { pack, sumOf } from './packing.ts';
import type { TensorParameter } from './parameter.ts';
import type { Programs } from './programs.ts';
import type { Scalars } from './scalars.ts';
import { applyRule, hyperparameters, variantOf } from './update-rules.ts';

/** A program by which parameters will move. */
export interface PreparedUpdate<T> {
  /** Says everything that the body depends on besides its inputs. */
  key: string;
  inputs: readonly T[];
  body: ProgramBody<T>;
  /** To be given the program's results; undefined where it has none, so that nobody waits for them. */
  finish?: (results: readonly T[]) => Promise<void>;
}

/** Moves all parameters of a network: one program for each rule and for each way to treat the parameters. */
export class Updater<T> {
  readonly #ops: Ops<T>;
  readonly #programs: Programs<T>;
  readonly #scalars: Scalars<T>;
  readonly #parameters: readonly TensorParameter<T>[];
  readonly #tables: CorrectionTables<T>;

  constructor(
    ops: Ops<T>,
    programs: Programs<T>,
    scalars: Scalars<T>,
    parameters: readonly TensorParameter<T>[],
  ) {
    this.#ops = ops;
    this.#programs = programs;
    this.#scalars = scalars;
    this.#parameters = parameters;
    this.#tables = new CorrectionTables(ops);
  }

  /** The update by a rule of what the network is now: run its program before anything else changes. */
  prepare(rule: UpdateRule, options: UpdateOptions): PreparedUpdate<T> {
    const parameters = this.#parameters;
    const { scope, gradientScale = 1 } = options;
    if (scope === 'all' && !parameters.every((parameter) => parameter.gradientComplete)) {
      throw new Error('an update of scope "all" needs a pass with dense gradients before it');
    }
    const updates = parameters.find((parameter) => parameter.updatedEqually)?.mostUpdates ?? 0;
    const treatments = parameters.map((parameter) => treatmentOf(parameter, options, updates));
    const adaptive = rule.kind === 'adam' || rule.kind === 'adabreg' ? rule : undefined;
    const values: Record<string, number> = {
      ...hyperparameters(rule),
      ...(gradientScale === 1 ? {} : { gradientScale }),
      ...(adaptive ? correctionsAt(updates + 1, adaptive) : {}),
    };
    const names = Object.keys(values);
    const inputs = names.map((name) => this.#scalars.get(name, values[name]));
    if (adaptive && treatments.some(({ uniform }) => !uniform)) {
      const most = Math.max(...parameters.map(({ mostUpdates }) => mostUpdates));
      inputs.push(...this.#tables.upTo(most + 1, adaptive));
    }
    const treated = treatments.map((treatment) => Object.values(treatment).join(' '));
    const key = ['update', variantOf(rule), ...names, ...treated].join();
    const body: ProgramBody<T> = (given) => {
      const numbers = Object.fromEntries(names.map((name, i) => [name, given[i]]));
      const tables = given.slice(names.length);
      const masks = parameters.map((parameter, i) => {
        const state = moving(this.#ops, parameter, treatments[i], numbers, tables);
        applyRule(this.#ops, state, rule, numbers);
        return state.newMask();
      });
      return this.#follow(masks);
    };
    if (adaptive)
      for (const [i, parameter] of parameters.entries()) parameter.countUpdate(!treatments[i].support);
    if (treatments.every(({ mask }) => mask === 'none')) return { key, inputs, body };
    return {
      ...{ key, inputs, body },
      finish: async (results) => {
        for (const [i, parameter] of parameters.entries())
          if (treatments[i].mask !== 'none') parameter.leaveMask();
        const following = parameters.filter((_, i) => treatments[i].mask === 'follows');
        await this.#readCounts(following, results);
      },
    };
  }

  /** A ← (θ ≠ 0) for every sparse weight. */
  async reselect(): Promise<void> {
    const results = this.#programs.run('reselect', [], () =>
      this.#follow(this.#parameters.map(({ mask, value }) => mask && this.#ops.nonZero(value.value()))),
    );
    const sparse = this.#parameters.filter(({ mask }) => mask);
    for (const parameter of sparse) parameter.leaveMask();
    await this.#readCounts(sparse, results);
  }

  dispose(): void {
    this.#tables.dispose();
  }

  /** Assigns the masks that have changed, in a program; yields their counts of ones, packed. */
  #follow(masks: readonly (T | undefined)[]): T[] {
    const counts: T[] = [];
    for (const [i, mask] of masks.entries()) {
      if (mask === undefined) continue;
      this.#parameters[i].mask!.assign(mask);
      counts.push(sumOf(this.#ops, mask));
    }
    return counts.length > 0 ? [pack(this.#ops, counts)] : [];
  }

  async #readCounts(parameters: readonly TensorParameter<T>[], results: readonly T[]): Promise<void> {
    for (const packed of results) {
      const counts = await this.#ops.read(packed);
      this.#ops.free(packed);
      for (const [i, parameter] of parameters.entries()) parameter.active = counts[i];
    }
  }
}
