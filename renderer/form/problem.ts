import { accepts, parseValues, type Field } from '../../shared/fields.ts';

/** A value as it is being typed; an entry that is no value at all (an empty number) is undefined. */
export type RawValues = Readonly<Record<string, unknown>>;

/**
 * What is wrong with a value, in words to stand beside its field; undefined if it is accepted. The rules are those
 * of the command line and of the host: `parseValues`.
 */
export function fieldProblem(field: Field, value: unknown): string | undefined {
  if (value !== undefined) {
    try {
      parseValues({ value: field }, { value }, 'form');
      return undefined;
    } catch {
      // Said below without the path, which a reader of the form sees anyway.
    }
  }
  return `Enter ${accepts(field)}.`;
}
