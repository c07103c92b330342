import type { Catalog } from '../../../shared/catalog.ts';
import { entryOf, type Draft } from './draft.ts';

/** What a run's name says about sparsity: the first of these that its method has. */
const telling: readonly [key: string, text: (value: number) => string][] = [
  ['density', (value) => `density ${value}`],
  ['lambda', (value) => `λ ${value}`],
];

/** A name made from the settings: `RigL, density 0.05 · Fashion-MNIST`. */
export function generatedName(catalog: Catalog, { ids, values }: Draft): string {
  const method = entryOf(catalog, 'method', ids.method)?.title ?? ids.method;
  const dataset = entryOf(catalog, 'dataset', ids.dataset)?.title ?? ids.dataset;
  const [key, text] = telling.find(([key]) => typeof values.method[key] === 'number') ?? [];
  const detail = key && text ? `, ${text(values.method[key] as number)}` : '';
  return `${method}${detail} · ${dataset}`;
}
