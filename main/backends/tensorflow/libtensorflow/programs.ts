import type { Program, ProgramBody } from '../ops.ts';
import { flag, text, type } from './attributes.ts';
import type { EagerExecutor } from './eager.ts';
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

/** A program for inputs of certain shapes. */
interface Prepared {
  run(inputs: readonly NativeTensor[]): NativeTensor[];
  free(): void;
}

/** A program as it is prepared, with its results where that ran it. */
interface Fresh extends Prepared {
  results?: NativeTensor[];
}

/** Runs programs: operation by operation, or as one TensorFlow function for each combination of input shapes. */
export class Programs {
  /** What operations go to now: the trace of a program, or the eager context. */
  executor: Executor;
  readonly #eager: EagerExecutor;
  readonly #execution: Execution;
  readonly #prepared: Prepared[] = [];
  #running: string | undefined;

  constructor(eager: EagerExecutor, execution: Execution) {
    this.#eager = eager;
    this.executor = eager;
    this.#execution = execution;
  }

  program(name: string, body: ProgramBody<NativeTensor>): Program<NativeTensor> {
    const known = new Map<string, Prepared>();
    return (inputs) => {
      // One tensor given twice is another program than two of equal shape: a recording knows tensors by their numbers.
      const key = inputs
        .map((tensor) => `${tensor.type}:${tensor.shape.join()}:${inputs.indexOf(tensor)}`)
        .join(';');
      const prepared = known.get(key);
      if (prepared) return prepared.run(inputs);
      return this.#exclusively(name, () => {
        const first = this.#execution === 'eager' ? this.#record : this.#trace;
        const { results, ...fresh } = first.call(this, name, body, inputs);
        known.set(key, fresh);
        this.#prepared.push(fresh);
        return results ?? fresh.run(inputs);
      });
    };
  }

  dispose(): void {
    for (const prepared of this.#prepared.splice(0)) prepared.free();
  }

  /** Runs a program once, and what it did from then on. */
  #record(name: string, body: ProgramBody<NativeTensor>, examples: readonly NativeTensor[]): Fresh {
    const eager = this.#eager;
    const { results, recorded } = eager.program(name, examples, () =>
      this.#ownResults(body(examples), examples),
    );
    return {
      results,
      run: (inputs) => eager.repeat(recorded, inputs),
      free: () => recorded.recording.delete(),
    };
  }

  #trace(name: string, body: ProgramBody<NativeTensor>, examples: readonly NativeTensor[]): Fresh {
    const eager = this.#eager;
    const trace = new Trace(eager.binding, name);
    this.executor = trace;
    try {
      const traced = examples.map((tensor) => trace.input(tensor));
      const results = this.#ownResults(body(traced), traced);
      const defined = trace.define(`${name.replace(/\W+/g, '_').slice(0, 40)}_${functions++}`, results);
      const variables = defined.captures.map(({ handle }) => handle.id);
      const attributes = [this.#execution === 'xla' ? flag('_XlaMustCompile', true) : optimised];
      return {
        run(inputs) {
          const ids = [...inputs.map((tensor) => eager.idOf(tensor)), ...variables];
          return eager.run(defined.name, attributes, ids, defined.outputs);
        },
        free: () => eager.binding.removeFunction(defined.name),
      };
    } finally {
      this.executor = eager;
      trace.delete();
    }
  }

  /** Results become the caller's one by one, so an input or a repeated tensor is returned as another reference to it. */
  #ownResults(results: readonly NativeTensor[], inputs: readonly NativeTensor[]): NativeTensor[] {
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
