import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * A process that holds one network and times its steps when asked: it prints a first line when it is ready, and then
 * answers each line with one. While the others are measured it waits and costs nothing, so that many can take turns of
 * a fraction of a second, and whatever else the machine does meets all of them alike.
 */
export class StepProcess<Ready> {
  readonly ready: Ready;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, ready: Ready) {
    this.#child = child;
    this.#lines = lines;
    this.ready = ready;
  }

  /** @throws Error with what the process wrote on its error output, if it ends before it is ready */
  static async start<Ready>(
    command: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<StepProcess<Ready>> {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    // Libraries print lines of their own while they load.
    for (;;) {
      const { value, done } = (await lines.next()) as IteratorResult<string, undefined>;
      if (done) throw new Error(errors);
      if (value?.startsWith('{')) return new StepProcess(child, lines, JSON.parse(value) as Ready);
    }
  }

  /** Sends one line and waits for the answer. */
  async ask(line: string): Promise<string> {
    this.#child.stdin!.write(`${line}\n`);
    const { value, done } = (await this.#lines.next()) as IteratorResult<string, undefined>;
    if (done || value === undefined)
      throw new Error(`a process that measures steps ended when asked "${line}"`);
    return value;
  }

  /** Median milliseconds of as many steps, after an eighth of them to warm up. */
  async stepMs(steps: number): Promise<number> {
    return Number(await this.ask(`steps ${steps}`));
  }

  stop(): void {
    this.#child.kill();
  }
}
