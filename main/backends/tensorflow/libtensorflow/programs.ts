import type { Program, ProgramBody } from '../ops.ts';
import { flag, text, type } from './attributes.ts';
import type { EagerExecutor, RecordedProgram } from './eager.ts';
import type { Executor, NativeTensor } from './executor.ts';
import { Trace } from './trace.ts';

export type Execution = 'eager' | 'traced' | 'xla';

/**
 * A ConfigProto whose graph_options.rewrite_options.remapping is OFF. Without one TensorFlow runs a function as it was
 * recorded; with one Grappler first folds, merges and removes operations. Its remapper stays out: the fused products
 * that it makes are slower here than the plain ones (`npm run bench -- engines`).
 */
const optimised = text('config_proto', 'R\x04R\x02p\x02');

/** Functions are registered in the one context of a process, whichever network they belong to. */
let functions = 0;

/**
 * Runs programs: operation by operation, or as one TensorFlow function for each combination of input shapes. Either way
 * what the first run did is recorded, and repeated from then on.
 */
export class Programs {
  /** What operations go to now: the trace of a program, or the eager context. */
  executor: Executor;
  readonly #eager: EagerExecutor;
  readonly #execution: Execution;
  readonly #recorded: RecordedProgram[] = [];
  readonly #functions: string[] = [];
  #running: string | undefined;

  constructor(eager: EagerExecutor, execution: Execution) {
    this.#eager = eager;
    this.executor = eager;
    this.#execution = execution;
  }

  program(name: string, body: ProgramBody<NativeTensor>): Program<NativeTensor> {
    const known = new Map<string, RecordedProgram>();
    return (inputs) => {
      // One tensor given twice is another program than two of equal shape: a recording knows tensors by their numbers.
      const key = inputs
        .map((tensor) => `${tensor.type}:${tensor.shape.join()}:${inputs.indexOf(tensor)}`)
        .join(';');
      const again = known.get(key);
      if (again) return this.#eager.repeat(again, inputs);
      return this.#exclusively(name, () => {
        const run =
          this.#execution === 'eager'
            ? () => this.#own(body(inputs), inputs)
            : this.#trace(name, body, inputs);
        const { results, recorded } = this.#eager.program(name, inputs, run);
        known.set(key, recorded);
        this.#recorded.push(recorded);
        return results;
      });
    };
  }

  dispose(): void {
    for (const { recording } of this.#recorded.splice(0)) recording.delete();
    for (const name of this.#functions.splice(0)) this.#eager.binding.removeFunction(name);
  }

  /** Defines a program as a function; what is returned calls it. */
  #trace(
    name: string,
    body: ProgramBody<NativeTensor>,
    inputs: readonly NativeTensor[],
  ): () => NativeTensor[] {
    const eager = this.#eager;
    const trace = new Trace(eager.binding, name);
    this.executor = trace;
    try {
      const traced = inputs.map((tensor) => trace.input(tensor));
      const results = this.#own(body(traced), traced);
      const defined = trace.define(`${name.replace(/\W+/g, '_').slice(0, 40)}_${functions++}`, results);
      this.#functions.push(defined.name);
      const attributes = [this.#execution === 'xla' ? flag('_XlaMustCompile', true) : optimised];
      const ids = [...inputs, ...defined.captures.map(({ handle }) => handle)].map(({ id }) => id);
      return () => eager.run(defined.name, attributes, ids, defined.outputs);
    } finally {
      this.executor = eager;
      trace.delete();
    }
  }

  /** Results become the caller's one by one, so an input or a repeated tensor is returned as another reference to it. */
  #own(results: readonly NativeTensor[], inputs: readonly NativeTensor[]): NativeTensor[] {
    const taken = new Set(inputs);
    return results.map((tensor) => {
      const own = taken.has(tensor)
        ? this.executor.execute('Identity', [type('T', tensor.type)], [tensor], 1)[0]
        : tensor;
      taken.add(own);
      return own;
    });
  }

  #exclusively<R>(name: string, run: () => R): R {
    if (this.#running) throw new Error(`program ${name} is called within program ${this.#running}`);
    this.#running = name;
    try {
      return run();
    } finally {
      this.#running = undefined;
    }
  }
}
