import { readDensities } from './densities.ts';
import { UserError, show } from './errors.ts';

/**
 * How a hyperparameter describes itself. Forms, command-line flags, validation and documentation
 * are all drawn from these descriptions, so a method declares each of its numbers exactly once.
 */
interface Described {
  label: string;
  /** One or two sentences: what it does and when to change it. */
  help: string;
  /** Where it comes from, e.g. `arXiv 2602.03535, Algorithm 1`. */
  paper?: string;
  /** Shown and used only while another field of the same group has one of these values. */
  visibleWhen?: { field: string; is: readonly (string | boolean)[] };
}

export interface NumberField extends Described {
  type: 'number' | 'integer';
  default: number;
  min?: number;
  max?: number;
  /** The bound itself is refused as well (density > 0, learning rate > 0). */
  exclusiveMin?: boolean;
  exclusiveMax?: boolean;
  unit?: string;
  scale?: 'linear' | 'log';
}

export interface ChoiceField<V extends string = string> extends Described {
  type: 'choice';
  default: V;
  options: readonly { value: V; label: string }[];
}

export interface BooleanField extends Described {
  type: 'boolean';
  default: boolean;
}

export interface TextField extends Described {
  type: 'text';
  default: string;
}

/** A list of integers, such as layer widths; written `300,100` on the command line. */
export interface IntegersField extends Described {
  type: 'integers';
  default: readonly number[];
  min?: number;
  max?: number;
  maxLength?: number;
}

/** Densities of single layers, written `fc1.weight=0.05,fc2.weight=0.2`; '' sets none. */
export interface DensitiesField extends Described {
  type: 'densities';
  default: string;
}

export type Field = NumberField | ChoiceField | BooleanField | TextField | IntegersField | DensitiesField;
export type Fields = Readonly<Record<string, Field>>;

export type ValueOf<F extends Field> = F extends NumberField
  ? number
  : F extends ChoiceField<infer V>
    ? V
    : F extends BooleanField
      ? boolean
      : F extends IntegersField
        ? readonly number[]
        : string;

export type ValuesOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };
export type Values = Readonly<Record<string, number | string | boolean | readonly number[]>>;

/** Declares fields with their literal types kept, so that `ValuesOf` knows every choice. */
export function defineFields<const F extends Fields>(fields: F): F {
  return fields;
}

/** What a field accepts, in words: `an integer from 1 to 4096`. */
export function accepts(field: Field): string {
  switch (field.type) {
    case 'number':
    case 'integer':
      return `${field.type === 'integer' ? 'an integer' : 'a number'}${range(field)}`;
    case 'choice':
      return `one of ${field.options.map((o) => o.value).join(', ')}`;
    case 'boolean':
      return 'true or false';
    case 'integers':
      return `a list of integers${range(field)}`;
    case 'text':
      return 'a text';
    case 'densities':
      return 'densities by layer, each greater than 0 and at most 1, such as fc1.weight=0.05,fc2.weight=0.2';
  }
}

function range(f: { min?: number; max?: number; exclusiveMin?: boolean; exclusiveMax?: boolean }): string {
  const low = f.min === undefined ? '' : ` ${f.exclusiveMin ? 'greater than' : 'at least'} ${f.min}`;
  const high = f.max === undefined ? '' : ` ${f.exclusiveMax ? 'less than' : 'at most'} ${f.max}`;
  return low && high ? `${low} and${high}` : low || high;
}

/**
 * Validates raw values (from a form, a JSON file or flags) against field descriptions and fills in defaults.
 * @param group where the values stand, e.g. `method`; error messages name `method.lambda`
 * @throws UserError `bad-config` naming the field, the value found and what would be accepted
 */
export function parseValues<F extends Fields>(
  fields: F,
  raw: Readonly<Record<string, unknown>>,
  group: string,
): ValuesOf<F> {
  for (const key of Object.keys(raw)) {
    if (!Object.hasOwn(fields, key)) {
      const known = Object.keys(fields);
      throw new UserError(
        'bad-config',
        `${group}.${key}: unknown setting (value ${show(raw[key])}); ` +
          (known.length ? `accepted: ${known.join(', ')}` : 'this one has no settings'),
        `${group}.${key}`,
      );
    }
  }
  const values: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(fields)) {
    values[key] = raw[key] === undefined ? field.default : parseValue(field, raw[key], `${group}.${key}`);
  }
  return values as ValuesOf<F>;
}

function parseValue(field: Field, value: unknown, path: string): unknown {
  const ok = (() => {
    switch (field.type) {
      case 'number':
        return typeof value === 'number' && inRange(field, value);
      case 'integer':
        return Number.isSafeInteger(value) && inRange(field, value as number);
      case 'choice':
        return field.options.some((o) => o.value === value);
      case 'boolean':
        return typeof value === 'boolean';
      case 'text':
        return typeof value === 'string';
      case 'densities':
        return typeof value === 'string' && readDensities(value) !== undefined;
      case 'integers':
        return (
          Array.isArray(value) &&
          value.length <= (field.maxLength ?? 64) &&
          value.every((v) => Number.isSafeInteger(v) && inRange(field, v as number))
        );
    }
  })();
  if (!ok) throw new UserError('bad-config', `${path}: ${show(value)} is not ${accepts(field)}`, path);
  return value;
}

function inRange(
  f: { min?: number; max?: number; exclusiveMin?: boolean; exclusiveMax?: boolean },
  v: number,
): boolean {
  if (!Number.isFinite(v)) return false;
  if (f.min !== undefined && (f.exclusiveMin ? v <= f.min : v < f.min)) return false;
  return f.max === undefined || (f.exclusiveMax ? v < f.max : v <= f.max);
}

/**
 * Reads a value written as text (a command-line flag, an environment variable, a table cell).
 * Text that cannot be read as the field's type is returned as it is, for `parseValues` to refuse by name.
 */
export function readText(field: Field, text: string): unknown {
  const number = (t: string) => (t.trim() === '' ? NaN : Number(t));
  switch (field.type) {
    case 'number':
    case 'integer':
      return Number.isNaN(number(text)) ? text : number(text);
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'integers':
      return text === '' ? [] : text.split(',').map((t) => (Number.isNaN(number(t)) ? t : number(t)));
    default:
      return text;
  }
}
