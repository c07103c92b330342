import type { Ops, Program, ProgramBody } from './ops.ts';

/** The programs of a network, each made at its first run. */
export class Programs<T> {
  readonly #ops: Ops<T>;
  readonly #programs = new Map<string, Program<T>>();

  constructor(ops: Ops<T>) {
    this.#ops = ops;
  }

  /** @param key says everything that the body depends on besides its inputs: equal keys, equal bodies */
  run(key: string, inputs: readonly T[], body: ProgramBody<T>): T[] {
    let program = this.#programs.get(key);
    if (!program) this.#programs.set(key, (program = this.#ops.program(key, body)));
    return program(inputs);
  }
}
