import type { StepTime } from '../../shared/engine-info.ts';
import { UserError } from '../../shared/errors.ts';
import { planKinds } from '../flops/predict.ts';
import type { HostContext } from './context.ts';
import { datasetOutline } from './dataset-catalog.ts';
import { meanDensity, planRun, type PreviewSources } from './form-preview.ts';
import { listEngines } from './engines.ts';
import type { StepRequest } from './jobs/steps.ts';

/** Longest wait for a measurement, milliseconds. */
const timeoutMs = 120_000;
/** What is known already is no task to show, milliseconds. */
const quietMs = 200;

type Context = Pick<HostContext, 'tasks' | 'queue' | 'workspace'>;

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
 * expected mean densities, noise for data. Remembered as long as the host lives.
 * @throws UserError naming the first problem of the config; `timeout`, `cancelled`
 */
export async function measureConfig(
  context: Context,
  raw: Readonly<Record<string, unknown>>,
): Promise<{ run: StepTime; dense: StepTime; stepsPerEpoch: number }> {
  const { problems, run } = await planRun(raw, previewSources(context));
  if (problems.length > 0 || !run) {
    const { code, message, field } = problems[0];
    throw new UserError(code, message, field);
  }
  const { config, method, outline, sparse, forecast, horizon } = run;
  const { batchSize } = config.training;
  const density = meanDensity(run);
  const [measured, dense] = await measure(context, `${method.title} on this machine`, density, {
    model: config.model,
    data: { shape: outline.shape, classes: outline.classes },
    batchSize,
    engine: config.engine,
    densities: Object.fromEntries(sparse.map(({ name }, l) => [name, forecast.average[l]])),
    kinds: planKinds(method, config.method.values, horizon),
  });
  return { run: measured, dense, stepsPerEpoch: horizon.stepsPerEpoch };
}

const standardWeights = ['fc1.weight', 'fc2.weight', 'fc3.weight'];

/** Times a network of a known size on an engine, dense and 95 % sparse. */
export async function measureEngine(
  context: Context,
  engine: { backend: 'native' | 'reference'; threads: number },
): Promise<StepTime[]> {
  const [sparse, dense] = await measure(context, `MLP 784-300-100-10 on the ${engine.backend} engine`, 0.05, {
    model: { id: 'mlp', values: { widths: [300, 100] } },
    data: { shape: [1, 28, 28], classes: 10 },
    batchSize: 128,
    engine: { ...engine, execution: 'auto' },
    densities: Object.fromEntries(standardWeights.map((name) => [name, 0.05])),
    kinds: [{ plan: { gradients: 'support', batches: 1 }, share: 1 }],
  });
  return [dense, sparse];
}

/** @returns the times of the run and of dense training */
async function measure(
  { tasks, queue }: Context,
  title: string,
  density: number,
  request: StepRequest,
): Promise<[StepTime, StepTime]> {
  const training = () => queue.get().active.length > 0;
  const disturbedBefore = training();
  const { done } = tasks.track(
    { kind: 'measure', title: `Measuring ${title}` },
    (options) =>
      // What was measured beside a training run is not worth remembering.
      tasks[disturbedBefore ? 'run' : 'known']('measureSteps', request, { ...options, timeoutMs }),
    quietMs,
  );
  const { runMs, denseMs, engine, threads } = await done;
  const note = disturbedBefore || training() ? ', while a run was training' : '';
  const times = (label: string, share: number, stepMs: number): StepTime => ({
    label: `${label}${note}`,
    density: share,
    batchSize: request.batchSize,
    threads,
    stepMs,
    engine,
  });
  const percent = `${Number((100 * density).toPrecision(3))} %`;
  return [times(density < 1 ? `${percent} dense` : 'dense', density, runMs), times('dense', 1, denseMs)];
}
