import { isFast, type EngineInfo } from '../../shared/engine-info.ts';
import type { RunConfig } from '../../shared/run.ts';
import { engines } from '../backends/registry.ts';
import type { EngineOrder } from '../training/messages.ts';
import { isPresent, listEngines } from './engines.ts';
import { meanDensity, planRun, type PlannedRun } from './form-preview.ts';
import { previewSources, stepsOf, timeSteps, type MeasureContext } from './step-times.ts';

export interface ChooseOptions {
  signal: AbortSignal;
  onProgress(text: string): void;
}

/** Decides what computes a run, before its process starts. */
export type ChooseEngine = (config: RunConfig, options: ChooseOptions) => Promise<EngineOrder>;

/** Where nothing can be measured: what is named, or the native kernels. */
export const chooseByName: ChooseEngine = async ({ engine: { backend } }) => ({
  id: backend,
  reason: backend === 'auto' ? 'nothing else was considered' : 'named in the config',
});

/**
 * Times the steps of a run on every engine that works here, unless they are known, and takes the fastest. While
 * something else trains nothing can be measured, and a rule decides.
 */
export function engineChooser(context: MeasureContext): ChooseEngine {
  return async (config, { signal, onProgress }) => {
    if (config.engine.backend !== 'auto') return chooseByName(config, { signal, onProgress });
    // The usual case, which must not cost a process: nothing has been installed beside what came with the product.
    if (!engines.some((engine) => !comesFirst.includes(engine.id) && isPresent(engine))) {
      return { id: 'auto', reason: 'the only engine installed here that is made for speed' };
    }
    onProgress('looking at the engines of this computer');
    const open = (await listEngines(context.tasks)).filter(isFast);
    if (open.length < 2) {
      return { id: open[0]?.id ?? 'auto', reason: 'the only engine that works here and is made for speed' };
    }
    const { run } = await planRun({ ...config }, previewSources(context));
    if (!run) {
      return { id: 'auto', reason: 'its steps cannot be timed before its data is here' };
    }
    return measured(context, run, open, { signal, onProgress });
  };
}

/** Taken in this order where there is nothing else. */
const comesFirst: readonly string[] = ['native', 'reference'];

async function measured(
  context: MeasureContext,
  run: PlannedRun,
  open: readonly EngineInfo[],
  { signal, onProgress }: ChooseOptions,
): Promise<EngineOrder> {
  const steps = stepsOf(run);
  const { threads, execution } = run.config.engine;
  const timed: { info: EngineInfo; ms: number }[] = [];
  const failures: string[] = [];
  for (const info of open) {
    onProgress(`timing a few steps on ${info.title}`);
    const request = { ...steps, engine: { id: info.id, threads, execution } };
    try {
      const { runMs, disturbed } = await timeSteps(context, info, request, { signal });
      if (disturbed) return byRule(run, open);
      timed.push({ info, ms: runMs });
    } catch (error) {
      if (signal.aborted) throw error;
      failures.push(`; ${info.title} failed: ${(error as Error).message}`);
    }
  }
  if (timed.length === 0) return { id: 'auto', reason: `no engine could be timed${failures.join('')}` };
  timed.sort((a, b) => a.ms - b.ms);
  const times = timed.map(({ info, ms }) => `${info.title} ${ms.toPrecision(3)} ms`).join(', ');
  return { id: timed[0].info.id, reason: `fastest per step of this run: ${times}${failures.join('')}` };
}

/** From here on a GPU has enough to do to make up for starting its kernels: multiply-accumulates of one step. */
const macsForGpu = 1e9;
/** Below this mean density kernels that skip zeros win against a GPU that multiplies them. */
const densityForGpu = 0.3;

/** The likely choice: a GPU for much dense work, else the kernels that skip zeros. */
export function byRule(run: PlannedRun, open: readonly EngineInfo[]): EngineOrder {
  const density = meanDensity(run);
  const macs = run.analysis.macs * run.config.training.batchSize;
  const gpu = open.find(({ device }) => device?.kind === 'gpu');
  const isForGpu = density >= densityForGpu && macs >= macsForGpu;
  const engine = (isForGpu && gpu) || (open.find(({ id }) => id === 'native') ?? open[0]);
  const work = `${(macs / 1e9).toPrecision(2)} G multiply-accumulates per step at ${Math.round(100 * density)} % density`;
  return { id: engine.id, reason: `by rule, not measured because another run was training: ${work}` };
}
