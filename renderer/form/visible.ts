import type { Field, Fields } from '../../shared/fields.ts';
import type { RawValues } from './problem.ts';

/** Whether a field is in use while its group has these values. A field behind a hidden one is hidden too. */
export function isVisible(fields: Fields, key: string, values: RawValues): boolean {
  const condition = fields[key].visibleWhen;
  if (!condition) return true;
  const { field, is } = condition;
  return (
    is.includes(values[field] as string | boolean) && (!fields[field] || isVisible(fields, field, values))
  );
}

export function visibleFields(fields: Fields, values: RawValues): [string, Field][] {
  return Object.entries(fields).filter(([key]) => isVisible(fields, key, values));
}

/** Whether a field is what somebody looks for, by its name in the form, in a config, or by its explanation. */
export function matchesSearch(search: string, path: string, field: Field): boolean {
  const text = `${path} ${field.label} ${field.help} ${field.paper ?? ''}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
