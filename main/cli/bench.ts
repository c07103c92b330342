import { UserError } from '../../shared/errors.ts';
import { parseValues } from '../../shared/fields.ts';
import { chooseBackend } from '../backends/registry.ts';
import { datasetById } from '../datasets/registry.ts';
import { analyse, type Graph } from '../models/graph.ts';
import { probeGraph, StepProbe } from '../training/probe.ts';
import { note, percent, print, printJson, quantity, table } from './output.ts';

const sparsities = [0, 0.8, 0.9, 0.95, 0.98, 0.99];

/** `filigree bench`: median time of a training step (forward, backward, SGD) at random masks of several sparsities. */
export async function bench(options: {
  model: string;
  dataset: string;
  batch: number;
  threads: number;
  json?: boolean;
}): Promise<void> {
  const graph = graphFor(options.model, options.dataset);
  const { backend, threads, notice } = await chooseBackend('auto', options.threads);
  if (notice) note(notice);
  const { macs, parameters } = analyse(graph);
  const weights = parameters.filter((p) => p.role === 'weight');
  const probe = await StepProbe.create({
    ...{ backend, graph, threads, batchSize: options.batch },
    sparse: new Set(weights.map((p) => p.name)),
  });
  const results: { sparsity: number; stepMs: number; sparseLayers: number }[] = [];
  for (const sparsity of sparsities) {
    if (sparsity > 0) await probe.mask(() => 1 - sparsity);
    const stepMs = await probe.stepMs('support', { steps: 12, milliseconds: 600 });
    results.push({
      sparsity,
      stepMs,
      sparseLayers: probe.network.execution().filter((l) => l.choice === 'sparse').length,
    });
  }
  probe.dispose();
  if (options.json)
    return printJson({ model: options.model, dataset: options.dataset, batch: options.batch, macs, results });
  const dense = results[0].stepMs;
  print(
    `${options.model} on ${options.dataset}, batch ${options.batch}, ${quantity(macs)} MACs per sample; ${backend.describe()}`,
  );
  print(
    table(
      ['sparsity', 'ms per step', 'samples/s', 'of dense', 'layers run sparse'],
      results.map((r) => [
        percent(r.sparsity, 0),
        r.stepMs.toFixed(3),
        quantity((1000 * options.batch) / r.stepMs),
        percent(r.stepMs / dense),
        `${r.sparseLayers} of ${weights.length}`,
      ]),
    ),
  );
}

function graphFor(modelId: string, datasetId: string): Graph {
  const dataset = datasetById(datasetId);
  const outline = dataset.outline?.(parseValues(dataset.fields, {}, 'dataset'));
  if (!outline) {
    throw new UserError(
      'bad-flag',
      `--dataset: the shape of ${datasetId} is not known before it is loaded`,
      '--dataset',
    );
  }
  return probeGraph({ id: modelId, values: {} }, outline.shape, outline.classes);
}
