import type { Column } from './columns.ts';
import type { Vocabulary } from './filter.ts';

/** Short names that people type; a column that is really called so goes first. */
const shortNames: Record<string, string> = {
  accuracy: 'test/accuracy',
  best: 'test/accuracy.max',
  loss: 'test/loss',
  flops: 'flops/percentOfDense',
  stepMs: 'time/stepMs',
  tag: 'tags',
  data: 'dataset',
};

/** Names for these columns: their ids, the short names above, and settings by their last word where it is the only one. */
export function vocabularyOf(available: readonly Column[]): Vocabulary {
  const columns = new Map(available.map((column) => [column.id, column]));
  for (const [name, id] of Object.entries(shortNames)) {
    const column = columns.get(id);
    if (column && !columns.has(name)) columns.set(name, column);
  }
  const byLastWord = Map.groupBy(
    available.filter(({ section }) => section.endsWith('settings')),
    ({ id }) => id.slice(id.lastIndexOf('.') + 1),
  );
  for (const [word, [column, ...others]] of byLastWord) {
    if (others.length === 0 && !columns.has(word)) columns.set(word, column);
  }
  return { columns };
}
