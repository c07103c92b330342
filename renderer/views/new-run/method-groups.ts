import type { MethodEntry } from '../../../shared/catalog.ts';

/** How a method gets to its sparsity, in the order in which the form offers them. */
const kinds: readonly [label: string, has: (taxonomy: MethodEntry['taxonomy']) => boolean][] = [
  ['Sparse, mask moves', ({ start, topology }) => start === 'sparse' && topology === 'dynamic'],
  ['Sparse, mask fixed', ({ start }) => start === 'sparse'],
  ['Dense to sparse', ({ end }) => end === 'sparse'],
  ['Dense', () => true],
];

/** Methods grouped by taxonomy; each stands in the first group that fits. */
export function methodGroups(methods: readonly MethodEntry[]): { label: string; entries: MethodEntry[] }[] {
  const groups = kinds.map(([label]) => ({ label, entries: [] as MethodEntry[] }));
  for (const method of methods)
    groups[kinds.findIndex(([, has]) => has(method.taxonomy))].entries.push(method);
  return groups.filter(({ entries }) => entries.length > 0);
}
