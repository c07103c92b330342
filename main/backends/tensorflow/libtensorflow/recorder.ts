import type { Attribute, Binding, RecordedOperation, Recording } from './binding.ts';

/** Takes down the operations of a program while they run, to run them again as one `Recording`. */
export class Recorder {
  readonly #inputs: readonly number[];
  readonly #operations: { name: string; attributes: readonly Attribute[]; inputs: readonly number[] }[] = [];
  readonly #outputs: (readonly number[])[] = [];

  /** @param inputs of the program, by the binding's ids */
  constructor(inputs: readonly number[]) {
    this.#inputs = inputs;
  }

  add(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: readonly number[],
  ): void {
    this.#operations.push({ name, attributes, inputs });
    this.#outputs.push(outputs);
  }

  /**
   * Call it while the tensors of the program are alive. What is neither an input of the program nor made by one of its
   * operations is captured: the handles of variables, and constants.
   */
  finish(binding: Binding, results: readonly number[]): Recording {
    const made = new Set(this.#outputs.flat());
    const given = new Set(this.#inputs);
    const used = new Set(this.#operations.flatMap(({ inputs }) => inputs));
    const captured = [...used].filter((id) => !made.has(id) && !given.has(id));
    const numbers = new Map([...this.#inputs, ...captured, ...made].map((id, number) => [id, number]));
    const numbersOf = (ids: readonly number[]) => ids.map((id) => numbers.get(id)!);
    const operations = this.#operations.map(({ inputs, ...rest }, i): RecordedOperation => ({
      ...rest,
      inputs: numbersOf(inputs),
      outputs: this.#outputs[i].length,
    }));
    return new binding.Recording(operations, this.#inputs.length, captured, numbersOf(results));
  }
}
