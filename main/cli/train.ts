import { readFileSync } from 'node:fs';
import { UserError } from '../../shared/errors.ts';
import type { ActiveRun, RunResult } from '../app/active-run.ts';
import { presetById } from '../methods/presets.ts';
import { describeFields, fieldGroups, readFlags } from './flags.ts';
import { note, print, printJson } from './output.ts';
import { progressListener } from './progress.ts';
import { describeResult } from './result.ts';
import { openSession } from './session.ts';

export interface TrainOptions {
  config?: string;
  preset?: string;
  model?: string;
  dataset?: string;
  method?: string;
  name?: string;
  workspace?: string;
  json?: boolean;
  quiet?: boolean;
  download: boolean;
}

export const exitCodes = { finished: 0, failed: 1, usage: 2, stopped: 130 } as const;

type Raw = Record<string, unknown> & {
  model?: { id: string } & Record<string, unknown>;
  dataset?: { id: string } & Record<string, unknown>;
  method?: { id: string } & Record<string, unknown>;
};

/** Preset, then config file, then flags: later ones win. */
export function assembleConfig(options: TrainOptions, tokens: readonly string[]): Raw {
  const raw: Raw = options.preset ? (structuredClone(presetById(options.preset).config) as Raw) : {};
  if (options.config) Object.assign(raw, readConfigFile(options.config));
  for (const part of ['model', 'dataset', 'method'] as const) {
    const id = options[part];
    const present = normalise(raw[part]);
    if (id !== undefined) raw[part] = present?.id === id ? present : { id };
    else if (present) raw[part] = present;
  }
  if (options.name !== undefined) raw.name = options.name;
  const given = readFlags(tokens, fieldGroups(idsOf(raw)));
  for (const [group, values] of Object.entries(given)) {
    const base = group in idsOf(raw) ? { id: idsOf(raw)[group as 'model'] } : {};
    raw[group] = { ...base, ...(raw[group] as object | undefined), ...values };
  }
  return raw;
}

function normalise(part: unknown): ({ id: string } & Record<string, unknown>) | undefined {
  if (typeof part === 'string') return { id: part };
  if (typeof part !== 'object' || part === null) return undefined;
  const { values, ...rest } = part as { id: string; values?: Record<string, unknown> };
  return { ...rest, ...values } as { id: string };
}

const idsOf = (raw: Raw) => ({
  model: raw.model?.id ?? 'mlp',
  dataset: raw.dataset?.id ?? 'fashion-mnist-mini',
  method: raw.method?.id ?? 'ml-linbreg',
});

function readConfigFile(path: string): Raw {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Raw;
  } catch (error) {
    throw new UserError(
      'bad-config',
      `--config: ${path} cannot be read as JSON: ${(error as Error).message}`,
      '--config',
    );
  }
}

/** `filigree train --help`: the flags of the chosen model, data set and method. */
export function trainHelp(options: TrainOptions): string {
  return Object.entries(fieldGroups(idsOf(assembleConfig(options, []))))
    .map(([group, fields]) => describeFields(group, fields))
    .filter(Boolean)
    .join('\n\n');
}

/** `filigree train`. @returns the exit code */
export async function train(options: TrainOptions, tokens: readonly string[]): Promise<number> {
  const session = openSession(options.workspace);
  try {
    const commandLine = ['filigree', ...process.argv.slice(2)].join(' ');
    const { id, config } = await session.runs.create(assembleConfig(options, tokens), { commandLine });
    if (!options.json) note(`${config.name} · run ${id}`);
    const result = await attend(
      (listener) => session.runs.start(id, { allowDownload: options.download }, listener),
      options,
    );
    return report(result, options);
  } finally {
    session.close();
  }
}

/** `filigree resume RUN`. @returns the exit code */
export async function resume(run: string, options: Omit<TrainOptions, 'config'>): Promise<number> {
  const session = openSession(options.workspace);
  try {
    const id = session.find(run);
    const result = await attend(
      (listener) => session.runs.resume(id, { allowDownload: options.download }, listener),
      options,
    );
    return report(result, options);
  } finally {
    session.close();
  }
}

/** Follows a run to its end; Ctrl-C checkpoints and stops it, a second one kills it; `p` pauses and continues. */
export async function attend(
  start: (listener: ReturnType<typeof progressListener>) => ActiveRun,
  options: { json?: boolean; quiet?: boolean },
): Promise<RunResult> {
  const mode = options.json ? 'json' : options.quiet ? 'silent' : process.stderr.isTTY ? 'bar' : 'lines';
  const listener = progressListener(mode);
  const run = start(listener);
  let interrupted = false;
  const interrupt = () => {
    if (interrupted) return run.kill();
    interrupted = true;
    if (mode !== 'silent') note('\nstopping: writing a checkpoint (Ctrl-C again to end at once) ...');
    run.stop();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const keys = listenForKeys(run, interrupt);
  const result = await run.done;
  keys.stop();
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  listener.end();
  return result;
}

function listenForKeys(run: ActiveRun, interrupt: () => void): { stop(): void } {
  const { stdin } = process;
  if (!stdin.isTTY || !process.stderr.isTTY) return { stop() {} };
  let paused = false;
  const onKey = (key: Buffer) => {
    const text = key.toString();
    if (text === '\u0003') return interrupt();
    if (text !== 'p') return;
    paused = !paused;
    if (paused) run.pause();
    else run.continue();
    note(paused ? '\npaused: press p to continue' : 'continuing');
  };
  stdin.setRawMode(true).resume().on('data', onKey);
  return {
    stop() {
      stdin.off('data', onKey).setRawMode(false).pause();
    },
  };
}

function report(result: RunResult, options: { json?: boolean }): number {
  if (options.json) printJson({ type: 'result', ...result });
  else if (result.state === 'finished') print(describeResult(result.summary!));
  else if (result.state === 'stopped') {
    print(`stopped at step ${result.step}; continue with: filigree resume ${result.id}`);
  } else {
    note(`run ${result.id} ${result.state} at step ${result.step}: ${result.reason ?? 'no reason given'}`);
    const next = result.step > 0 ? 'its newest checkpoint is kept; to continue' : 'to try again';
    note(`${next}: filigree resume ${result.id}`);
  }
  return result.state === 'finished'
    ? exitCodes.finished
    : result.state === 'stopped'
      ? exitCodes.stopped
      : exitCodes.failed;
}
