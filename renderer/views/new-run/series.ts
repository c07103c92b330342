import type { Field } from '../../../shared/fields.ts';
import { readText } from '../../../shared/fields.ts';
import { fieldProblem } from '../../form/problem.ts';
import { setValue, type Draft, type Group } from './draft.ts';

/** Several runs from one form: every value of one varied field, each with several seeds. */
export interface Series {
  seeds: number;
  vary: { group: Group; key: string; values: readonly number[] } | undefined;
}

export const mostRuns = 200;

/**
 * The drafts of a series, each with a name of its own.
 * @param nameOf name of a run of these settings; where it is the same for all, what was varied is added to it
 */
export function expandSeries(
  draft: Draft,
  nameOf: (draft: Draft) => string,
  { seeds, vary }: Series,
): Draft[] {
  const first = draft.values.training.seed as number;
  const variants = vary
    ? vary.values.map((value) => ({
        draft: setValue(draft, vary.group, vary.key, value),
        label: `${vary.key} ${value}`,
      }))
    : [{ draft, label: '' }];
  const names = variants.map((variant) => nameOf(variant.draft));
  const distinct = new Set(names).size === names.length;
  return variants.flatMap((variant, v) =>
    Array.from({ length: seeds }, (_, i) => {
      const seed = first + i;
      const parts = [names[v], distinct ? '' : variant.label, seeds > 1 ? `seed ${seed}` : ''].filter(
        Boolean,
      );
      return { ...setValue(variant.draft, 'training', 'seed', seed), name: parts.join(' · ') };
    }),
  );
}

/**
 * Reads comma-separated values of a field.
 * @returns the values, or what is wrong with the first that cannot be used
 */
export function readVaried(field: Field, text: string): { values: number[] } | { problem: string } {
  const parts = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map((part) => ({ part, value: readText(field, part) }));
  const wrong = parts.find(({ value }) => fieldProblem(field, value) !== undefined);
  if (wrong) return { problem: `${wrong.part}: ${fieldProblem(field, wrong.value)}` };
  const values = [...new Set(parts.map(({ value }) => value as number))];
  return values.length > 0 ? { values } : { problem: 'Enter one or more values, with commas between them.' };
}
