import type { CallError } from '../../shared/contract.ts';
import type { EngineInfo } from '../../shared/engine-info.ts';
import { UserError } from '../../shared/errors.ts';
import type { Choice, RunConfig } from '../../shared/run.ts';
import type { LayerPreview, NetworkPreview, RunPreview } from '../../shared/run-preview.ts';
import type { DatasetOutline } from '../datasets/dataset.ts';
import { predictFlops } from '../flops/predict.ts';
import { distributionLayers } from '../methods/masks.ts';
import type { DensityForecast, Horizon, Method } from '../methods/method.ts';
import { methodById } from '../methods/registry.ts';
import { analyse, type Analysis, type ParameterShape } from '../models/graph.ts';
import { modelById } from '../models/registry.ts';
import { parseRunConfig } from '../training/config.ts';
import { storedBytes } from '../topology/statistics.ts';
import { horizonOf, sparseParameters } from '../training/prepare.ts';
import { probeInput } from '../training/probe.ts';

/** What a preview has to ask others for. */
export interface PreviewSources {
  outline(dataset: Choice): Promise<DatasetOutline>;
  engines(): Promise<EngineInfo[]>;
}

/** A config whose network can be built, and what is expected of its run. */
export interface PlannedRun {
  config: RunConfig;
  method: Method;
  outline: DatasetOutline;
  analysis: Analysis;
  horizon: Horizon;
  /** Weights that the method may sparsify. */
  sparse: readonly ParameterShape[];
  forecast: DensityForecast;
}

/** Groups of a config that say nothing about the network or its FLOPs. */
const withoutInfluence = ['name', 'schedule', 'augmentation', 'engine', 'start'];

/**
 * What a config that is being typed would mean: every problem at once, and the network where it can be built.
 * @param parent the config of the run whose weights it is to start with
 */
export async function previewRun(
  raw: Readonly<Record<string, unknown>>,
  sources: PreviewSources,
  parent?: RunConfig,
): Promise<RunPreview> {
  const { problems, run } = await planRun(raw, sources);
  const misfit = run && parent && (await otherLayers(run, parent, sources));
  return { problems: misfit ? [...problems, misfit] : problems, network: run && describeNetwork(run) };
}

/**
 * What keeps a run from starting with the weights of another one: layers that differ. Nothing where the other one can
 * no longer be planned, because its data is gone; then the start itself compares.
 */
async function otherLayers(
  { analysis }: PlannedRun,
  parent: RunConfig,
  sources: PreviewSources,
): Promise<CallError | undefined> {
  const weights = ({ parameters }: Analysis) =>
    parameters.map(({ name, shape }) => `${name} ${shape.join('×')}`);
  const { run: origin } = await planRun({ ...parent }, sources);
  if (!origin) return undefined;
  const there = weights(origin.analysis);
  const wanted = weights(analysis);
  const differing = wanted.find((weight, i) => weight !== there[i]) ?? there[wanted.length];
  if (!differing) return undefined;
  const message = `model: ${differing} is not the same in the run to start from; choose the model that it was trained with`;
  return { code: 'bad-checkpoint', message, field: 'model.id' };
}

/** The problems of a config, and the run it would be unless one of them keeps it from being planned. */
export async function planRun(
  raw: Readonly<Record<string, unknown>>,
  sources: PreviewSources,
): Promise<{ problems: CallError[]; run: PlannedRun | undefined }> {
  const { config, problems } = parseAll(raw);
  const { backend } = config.engine;
  if (backend !== 'auto' && backend !== 'reference') {
    const infos = await sources.engines();
    const engine = infos.find(({ id }) => id === backend)!;
    if (!engine.available) {
      const accepted = ['auto', ...infos.filter((info) => info.available).map(({ id }) => id)].join(', ');
      const message = `engine.backend: ${backend} cannot run here: ${engine.detail}; accepted: ${accepted}`;
      problems.push({ code: 'backend-unavailable', message, field: 'engine.backend' });
    }
  }
  const blocking = problems.some(({ field }) => !withoutInfluence.includes(field?.split('.')[0] ?? ''));
  if (blocking) return { problems, run: undefined };
  try {
    return { problems, run: await plan(config, sources) };
  } catch (error) {
    return { problems: [...problems, asProblem(error)], run: undefined };
  }
}

async function plan(config: RunConfig, sources: PreviewSources): Promise<PlannedRun> {
  const method = methodById(config.method.id);
  const outline = await sources.outline(config.dataset);
  const horizon = horizonOf(config, { train: { count: outline.trainCount } });
  method.check?.(config.method.values, horizon);
  const graph = modelById(config.model.id).build(
    config.model.values,
    probeInput(outline.shape),
    outline.classes,
  );
  const analysis = analyse(graph);
  const names = sparseParameters(analysis, config.training.keepDense);
  const sparse = method.forecast ? analysis.parameters.filter(({ name }) => names.has(name)) : [];
  const forecast = method.forecast?.(config.method.values, distributionLayers(analysis, sparse), horizon);
  const dense = { start: [], end: [], average: [], assumption: '' };
  return { config, method, outline, analysis, horizon, sparse, forecast: forecast ?? dense };
}

/**
 * The config with a default in place of everything that is wrong, and what was wrong. The parser stops at the first
 * problem, so it is asked again without the field it named until nothing is left to name.
 */
function parseAll(raw: Readonly<Record<string, unknown>>): { config: RunConfig; problems: CallError[] } {
  const problems: CallError[] = [];
  let rest = raw;
  for (;;) {
    try {
      return { config: parseRunConfig(rest), problems };
    } catch (error) {
      const problem = asProblem(error);
      problems.push(problem);
      rest = withoutField(rest, problem.field ?? '');
    }
  }
}

type Group = Readonly<Record<string, unknown>>;

/** @throws Error where there is no such field, which would be asked for again and again */
function withoutField(raw: Group, field: string): Group {
  const [groupName, key] = field.split('.');
  const group = raw[groupName];
  if (group === undefined) throw new Error(`the config has no ${field} to leave out`);
  if (key === undefined || key === 'id' || typeof group !== 'object' || group === null)
    return omit(raw, groupName);
  const { values, ...direct } = group as Group;
  const rest = omit(direct, key);
  if (values === undefined || key === 'values') return { ...raw, [groupName]: rest };
  return { ...raw, [groupName]: { ...rest, values: omit(values as Group, key) } };
}

const omit = (group: Group, key: string): Group =>
  Object.fromEntries(Object.entries(group).filter(([name]) => name !== key));

/** Errors of the user are problems; a network that cannot be built says so with a plain Error. */
function asProblem(error: unknown): CallError {
  if (error instanceof UserError) {
    const { code, message, field } = error;
    return { code, message, field };
  }
  return { code: 'bad-config', message: `model: ${(error as Error).message}`, field: 'model.id' };
}

function describeNetwork({
  config,
  method,
  analysis,
  horizon,
  sparse,
  forecast,
}: PlannedRun): NetworkPreview {
  const { parameters, macs } = analysis;
  const position = new Map(sparse.map(({ name }, l) => [name, l]));
  const at = (densities: readonly number[], name: string) => {
    const l = position.get(name);
    return l === undefined ? 1 : densities[l];
  };
  const { batchSize } = config.training;
  const values = config.method.values;
  const predicted = predictFlops(parameters, method, values, horizon, batchSize, (name) =>
    at(forecast.average, name),
  );
  const percentOfDense = predicted.percentOfDense.paper;
  const weights = parameters.filter(({ role }) => role === 'weight');
  const count = (some: readonly ParameterShape[]) => some.reduce((sum, { size }) => sum + size, 0);
  return {
    parameters: count(parameters),
    sparsifiable: count(sparse),
    macs,
    layers: weights.map(({ name, shape, size, macsPerWeight }): LayerPreview => ({
      name,
      shape: [...shape],
      size,
      macs: size * macsPerWeight,
      sparse: position.has(name),
      startDensity: at(forecast.start, name),
      endDensity: position.has(name) && forecast.assumption ? NaN : at(forecast.end, name),
    })),
    ...horizon,
    flops: {
      dense: (100 * predicted.training) / percentOfDense,
      expected: predicted.training,
      percentOfDense,
      assumption: forecast.assumption,
    },
    bytes: {
      dense: 4 * count(parameters),
      sparse: parameters.reduce((sum, p) => {
        const l = position.get(p.name);
        return (
          sum +
          (l === undefined
            ? 4 * p.size
            : storedBytes(p.shape[0], p.size, Math.round(forecast.end[l] * p.size)))
        );
      }, 0),
    },
  };
}

/** Expected mean density of the weights that the method may sparsify; 1 for dense methods. */
export function meanDensity({ sparse, forecast }: PlannedRun): number {
  const size = sparse.reduce((sum, p) => sum + p.size, 0);
  return size === 0 ? 1 : sparse.reduce((sum, p, l) => sum + p.size * forecast.average[l], 0) / size;
}
