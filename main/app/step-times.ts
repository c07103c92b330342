import { isFast, type EngineInfo, type EngineTimes, type StepTime } from '../../shared/engine-info.ts';
import { UserError } from '../../shared/errors.ts';
import { parseValues } from '../../shared/fields.ts';
import type { EngineId } from '../../shared/run.ts';
import { datasetById } from '../datasets/registry.ts';
import { planKinds } from '../flops/predict.ts';
import { analyse } from '../models/graph.ts';
import { modelById } from '../models/registry.ts';
import { probeInput } from '../training/probe.ts';
import type { HostContext } from './context.ts';
import { datasetOutline } from './dataset-catalog.ts';
import { environmentOf, listEngines } from './engines.ts';
import { meanDensity, planRun, type PlannedRun, type PreviewSources } from './form-preview.ts';
import type { MeasuredSteps, StepRequest } from './jobs/steps.ts';
import { StepTimeStore } from './step-time-store.ts';
import type { JobOptions } from './tasks.ts';

/** Longest wait for one engine, milliseconds. */
const timeoutMs = 120_000;
/** What is known already is no task to show, milliseconds. */
const quietMs = 200;

/** What measuring needs of a host; `isTraining` tells whether something disturbs it. */
export type MeasureContext = Pick<HostContext, 'tasks' | 'workspace' | 'isTraining'>;

/** The steps whose time is wanted, on no engine in particular. */
export type Steps = Omit<StepRequest, 'engine'>;

/** Where previews of this host get their answers from. */
export const previewSources = ({
  tasks,
  workspace,
}: Pick<HostContext, 'tasks' | 'workspace'>): PreviewSources => ({
  outline: (dataset) => datasetOutline(dataset, { tasks, workspace }),
  engines: () => listEngines(tasks),
});

/**
 * Times the steps of a config and those of dense training of the same network on this machine: random masks of the
 * expected mean densities, noise for data. Remembered in the workspace. A config that leaves the engine open is timed
 * on every engine it might get, the fastest first.
 * @throws UserError naming the first problem of the config; `timeout`, `cancelled`
 */
export async function measureConfig(
  context: MeasureContext,
  raw: Readonly<Record<string, unknown>>,
): Promise<{ run: StepTime; dense: StepTime; stepsPerEpoch: number; engines: EngineTimes[] }> {
  const { problems, run } = await planRun(raw, previewSources(context));
  if (problems.length > 0 || !run) {
    const { code, message, field } = problems[0];
    throw new UserError(code, message, field);
  }
  const { engine } = run.config;
  const infos = await listEngines(context.tasks);
  const open = infos.filter(isFast);
  const fallback = engine.backend === 'auto' ? 'reference' : engine.backend;
  const wanted =
    engine.backend === 'auto' && open.length > 0 ? open : infos.filter(({ id }) => id === fallback);
  const engines = await measure(
    context,
    `${run.method.title} on this machine`,
    wanted,
    stepsOf(run),
    meanDensity(run),
    engine,
  );
  const [{ run: fastest, dense }] = engines;
  return { run: fastest, dense, stepsPerEpoch: run.horizon.stepsPerEpoch, engines };
}

/** The steps that a planned run consists of, rounded, so that a measurement serves for its like. */
export function stepsOf(run: PlannedRun): Steps {
  const { config, method, outline, sparse, forecast, horizon } = run;
  return {
    model: config.model,
    data: { shape: outline.shape, classes: outline.classes },
    batchSize: config.training.batchSize,
    densities: Object.fromEntries(
      sparse.map(({ name }, l) => [name, Number(forecast.average[l].toPrecision(2))]),
    ),
    kinds: planKinds(method, config.method.values, horizon).map(({ plan, share }) => ({
      plan,
      share: Math.round(100 * share) / 100,
    })),
  };
}

export interface StandardNetwork {
  model: string;
  /** Gives input shape and classes; its shape must be known without its files. */
  dataset: string;
  batchSize: number;
  /** Of every weight of linear and convolution layers. */
  density: number;
}

/**
 * Times a network with the settings that its registry entry starts with on an engine, dense and sparse.
 * @throws UserError `backend-unavailable`, `unknown-id`, `bad-input`
 */
export async function measureEngine(
  context: MeasureContext,
  id: EngineId,
  threads: number,
  network: StandardNetwork,
): Promise<EngineTimes> {
  const info = (await listEngines(context.tasks)).find((engine) => engine.id === id)!;
  if (!info.available) {
    throw new UserError('backend-unavailable', `backend: ${id} cannot run here: ${info.detail}`, 'backend');
  }
  const steps = standardSteps(network);
  const title = `${network.model} on the ${info.title} engine`;
  const [times] = await measure(context, title, [info], steps, network.density, {
    threads,
    execution: 'auto',
  });
  return times;
}

function standardSteps({ model: id, dataset, batchSize, density }: StandardNetwork): Steps {
  const model = { id, values: parseValues(modelById(id).fields, {}, 'model') };
  const source = datasetById(dataset);
  const outline = source.outline?.(parseValues(source.fields, {}, 'dataset'));
  if (!outline) {
    const message = `dataset: the shape of ${dataset} is not known before it is loaded; choose another`;
    throw new UserError('bad-input', message, 'dataset');
  }
  const graph = modelById(id).build(model.values, probeInput(outline.shape), outline.classes);
  const weights = analyse(graph).parameters.filter(({ role }) => role === 'weight');
  return {
    model,
    data: { shape: outline.shape, classes: outline.classes },
    batchSize,
    densities: Object.fromEntries(weights.map(({ name }) => [name, density])),
    kinds: [{ plan: { gradients: 'support', batches: 1 }, share: 1 }],
  };
}

/** @returns the times of the engines, the fastest first, one after the other so that none disturbs another */
async function measure(
  context: MeasureContext,
  title: string,
  infos: readonly EngineInfo[],
  steps: Steps,
  density: number,
  settings: Pick<StepRequest['engine'], 'threads' | 'execution'>,
): Promise<EngineTimes[]> {
  const { done } = context.tasks.track(
    { kind: 'measure', title: `Measuring ${title}` },
    async (options) => {
      const all: EngineTimes[] = [];
      for (const info of infos) {
        const request = { ...steps, engine: { ...settings, id: info.id } };
        all.push(describeTimes(info, request, density, await timeSteps(context, info, request, options)));
      }
      return all.sort((a, b) => a.run.stepMs - b.run.stepMs);
    },
    quietMs,
  );
  return done;
}

export interface Timing extends MeasuredSteps {
  /** Something trained meanwhile, so that it took longer than it would have. */
  disturbed: boolean;
}

/** Times steps on one engine, or remembers how long they took when nothing disturbed them. */
export async function timeSteps(
  { tasks, workspace, isTraining }: MeasureContext,
  engine: EngineInfo,
  request: StepRequest,
  options: JobOptions = {},
): Promise<Timing> {
  const store = new StepTimeStore(workspace);
  const known = store.find(engine, request);
  if (known) return { ...known, disturbed: false };
  const disturbedBefore = isTraining();
  const environment = environmentOf(engine.id, request.engine.threads, request.model);
  const steps = await tasks.run('measureSteps', request, { timeoutMs, ...options, environment });
  const disturbed = disturbedBefore || isTraining();
  if (!disturbed) await store.remember(engine, request, steps);
  return { ...steps, disturbed };
}

function describeTimes(
  { id, title }: EngineInfo,
  { batchSize }: StepRequest,
  density: number,
  { runMs, denseMs, engine, threads, disturbed }: Timing,
): EngineTimes {
  const note = disturbed ? ', while a run was training' : '';
  const times = (label: string, share: number, stepMs: number): StepTime => ({
    ...{ label: `${label}${note}`, density: share, batchSize, threads, stepMs, engine },
  });
  const percent = `${Number((100 * density).toPrecision(3))} %`;
  return {
    ...{ id, title },
    run: times(density < 1 ? `${percent} dense` : 'dense', density, runMs),
    dense: times('dense', 1, denseMs),
  };
}
