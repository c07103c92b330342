import type { CardEntry, ModelCard } from '../../../shared/model-card.ts';
import type { Choice } from '../../../shared/run.ts';
import { datasetById } from '../../datasets/registry.ts';
import { methodById } from '../../methods/registry.ts';
import { modelById } from '../../models/registry.ts';
import type { RunStore } from '../../store/run-store.ts';
import type { Provenance } from '../../training/messages.ts';

/** What the store knows of a run for its card; plain data, so that a helper process can write the card. */
export interface RunFacts extends Pick<
  ModelCard,
  'name' | 'run' | 'method' | 'config' | 'environment' | 'metrics'
> {
  model: CardEntry;
  dataset: ModelCard['dataset'];
  training: ModelCard['flops']['training'];
}

/** @throws UserError `unknown-run` */
export function runFacts(store: RunStore, id: string): RunFacts {
  const run = store.getRun(id);
  const { config, configHash, name, state, startedMs, endedMs } = run;
  const environment = run.environment as Partial<Provenance> & Record<string, unknown>;
  const values: Record<string, number | undefined> = {
    ...store.latestMetrics(id),
    ...store.readSummary(id)?.values,
  };
  const spent = values['flops/train'];
  const method = methodById(config.method.id);
  const text = (key: string) => environment[key] as string | undefined;
  return {
    name,
    run: {
      ...{ id, state, configHash, totalSteps: environment.totalSteps },
      step: store.listRows([id])[0].step,
      finished: state === 'finished' && endedMs ? new Date(endedMs).toISOString() : undefined,
      wallMs: values['time/wallMs'] ?? (startedMs && endedMs ? endedMs - startedMs : undefined),
    },
    model: entry(modelById(config.model.id), config.model),
    method: { ...entry(method, config.method), extension: method.extension ?? false },
    dataset: {
      ...entry(datasetById(config.dataset.id), config.dataset),
      sha256: environment.datasetSha256 ?? '',
    },
    config,
    environment: {
      filigree: text('version') ?? 'unknown',
      ...{ commit: text('commit'), engine: environment.engine, threads: environment.threads },
      ...{ node: environment.node, platform: text('platform') },
    },
    metrics: { accuracy: values['test/accuracy'], loss: values['test/loss'] },
    training: spent
      ? {
          total: spent,
          percentOfDense: {
            paper: values['flops/percentOfDense']!,
            exact: values['flops/exactPercentOfDense'],
          },
        }
      : undefined,
  };
}

function entry(
  { title, summary, paper }: Pick<CardEntry, 'title' | 'summary' | 'paper'>,
  { id, values }: Choice,
): CardEntry {
  return { id, title, summary, ...(paper && { paper }), values };
}
