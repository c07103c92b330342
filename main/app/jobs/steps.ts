import type { Choice, EngineId, RunConfig } from '../../../shared/run.ts';
import type { GradientMode } from '../../backends/backend.ts';
import { engineById } from '../../backends/registry.ts';
import type { DatasetOutline } from '../../datasets/dataset.ts';
import { probeGraph, StepProbe } from '../../training/probe.ts';
import type { ReportProgress } from './index.ts';

/** A network, and the steps whose time is wanted; as JSON it identifies a measurement. */
export interface StepRequest {
  model: Choice;
  data: Pick<DatasetOutline, 'shape' | 'classes'>;
  batchSize: number;
  engine: Omit<RunConfig['engine'], 'backend'> & { id: EngineId };
  /** Of the weights that get random masks; all others are dense. */
  densities: Record<string, number>;
  /** What the steps of the run consist of; the shares add up to 1. */
  kinds: readonly { plan: { gradients: GradientMode; batches: number }; share: number }[];
}

export interface MeasuredSteps {
  /** Mean over the kinds of steps, milliseconds. */
  runMs: number;
  denseMs: number;
  engine: string;
  threads: number;
}

/** Short enough to wait for, long enough for a stable median; a large network gets fewer steps. */
const sampling = { steps: 3, milliseconds: 450, limit: 5_000 };

/** Times the steps of a run and those of dense training of the same network. */
export async function measureSteps(request: StepRequest, onProgress: ReportProgress): Promise<MeasuredSteps> {
  const { model, data, batchSize, engine, densities, kinds } = request;
  const { backend, threads } = await engineById(engine.id).load(engine.threads);
  const graph = probeGraph(model, data.shape, data.classes);
  const open = (sparse: ReadonlySet<string>) =>
    StepProbe.create({ backend, graph, batchSize, threads, sparse, execution: engine.execution });

  onProgress({ text: 'timing dense steps', fraction: undefined });
  const dense = await open(new Set());
  const denseMs = await dense.stepMs('dense', sampling);
  dense.dispose();

  onProgress({ text: 'timing steps of the run', fraction: 0.5 });
  const probe = await open(new Set(Object.keys(densities)));
  await probe.mask((name) => densities[name]);
  let runMs = 0;
  for (const gradients of ['support', 'dense'] as const) {
    const passes = kinds
      .filter(({ plan }) => plan.gradients === gradients)
      .reduce((sum, { plan, share }) => sum + plan.batches * share, 0);
    if (passes > 0) runMs += passes * (await probe.stepMs(gradients, sampling));
  }
  probe.dispose();
  return { runMs, denseMs, engine: backend.describe(), threads };
}
