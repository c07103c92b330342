import type { Program, ProgramBody } from '../ops.ts';
import { flag, text, type } from './attributes.ts';
import type { EagerExecutor } from './eager.ts';
import type { Executor, NativeTensor } from './executor.ts';
import { Trace, type TracedFunction } from './trace.ts';

export type Execution = 'eager' | 'traced' | 'xla';

/**
 * A ConfigProto of defaults. Without one TensorFlow runs a function as it was recorded; with it Grappler first removes,
 * merges and fuses operations: ResNet-20's step takes 10 to 20 % less time.
 */
const optimised = text('config_proto', '');

/** Functions are registered in the one context of a process, whichever network they belong to. */
let functions = 0;

/** Runs programs: operation by operation, or as one TensorFlow function for each combination of input shapes. */
export class Programs {
  /** What operations go to now: the trace of a program, or the eager context. */
  executor: Executor;
  readonly #eager: EagerExecutor;
  readonly #execution: Execution;
  readonly #functions: string[] = [];
  #running: string | undefined;

  constructor(eager: EagerExecutor, execution: Execution) {
    this.#eager = eager;
    this.executor = eager;
    this.#execution = execution;
  }

  program(name: string, body: ProgramBody<NativeTensor>): Program<NativeTensor> {
    if (this.#execution === 'eager') {
      return (inputs) =>
        this.#exclusively(name, () =>
          this.#eager.program(name, () => this.#ownResults(body(inputs), inputs)),
        );
    }
    const attributes = this.#execution === 'xla' ? [flag('_XlaMustCompile', true)] : [optimised];
    const traced = new Map<string, TracedFunction>();
    return (inputs) => {
      const key = inputs.map(({ type: of, shape }) => `${of}:${shape.join()}`).join(';');
      let traceOf = traced.get(key);
      if (!traceOf) traced.set(key, (traceOf = this.#trace(name, body, inputs)));
      const ids = inputs.map((tensor) => this.#eager.idOf(tensor));
      for (const { handle } of traceOf.captures) ids.push(handle.id);
      return this.#eager.run(traceOf.name, attributes, ids, traceOf.outputs);
    };
  }

  dispose(): void {
    for (const name of this.#functions.splice(0)) this.#eager.binding.removeFunction(name);
  }

  #trace(name: string, body: ProgramBody<NativeTensor>, examples: readonly NativeTensor[]): TracedFunction {
    return this.#exclusively(name, () => {
      const trace = new Trace(this.#eager.binding, name);
      this.executor = trace;
      try {
        const inputs = examples.map((tensor) => trace.input(tensor));
        const results = this.#ownResults(body(inputs), inputs);
        const defined = trace.define(`${name.replace(/\W+/g, '_').slice(0, 40)}_${functions++}`, results);
        this.#functions.push(defined.name);
        return defined;
      } finally {
        this.executor = this.#eager;
        trace.delete();
      }
    });
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
