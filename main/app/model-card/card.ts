import type { CardFile, CardSnippet, ModelCard } from '../../../shared/model-card.ts';
import { activeCount } from '../../exporters/export-model.ts';
import type { TrainedModel } from '../../exporters/trained-model.ts';
import { inferenceFlops } from '../../flops/count.ts';
import { analyse } from '../../models/graph.ts';
import type { RunFacts } from './run-facts.ts';

/** @param model the network as it was trained, before any transform */
export function createCard(
  { training, ...facts }: RunFacts,
  model: TrainedModel,
  snippets: CardSnippet[],
  file?: CardFile,
): ModelCard {
  const { parameters } = analyse(model.graph);
  const active = new Map(model.parameters.map((parameter) => [parameter.name, activeCount(parameter)]));
  return {
    version: 1,
    ...facts,
    run: { ...facts.run, step: Number(model.provenance.step) },
    model: {
      ...facts.model,
      input: model.graph.input.shape,
      classes: model.graph.classes,
      parameters: parameters.reduce((sum, { size }) => sum + size, 0),
    },
    layers: parameters
      .filter(({ role }) => role === 'weight')
      .map(({ name, shape, size }) => {
        const nonzeros = active.get(name)!;
        return { name, shape, nonzeros, weights: size, density: nonzeros / size };
      }),
    flops: {
      training,
      inference: {
        sparse: inferenceFlops(parameters, (name) => active.get(name)!),
        dense: inferenceFlops(parameters),
      },
    },
    ...(file && { file }),
    snippets,
  };
}
