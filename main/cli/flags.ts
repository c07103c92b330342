import { UserError, show } from '../../shared/errors.ts';
import { accepts, readText, type Field, type Fields } from '../../shared/fields.ts';
import { engineFields, trainingFields } from '../../shared/run.ts';
import { augmentationFields } from '../datasets/augmentation.ts';
import { datasetById } from '../datasets/registry.ts';
import { methodById } from '../methods/registry.ts';
import { modelById } from '../models/registry.ts';
import { scheduleFields } from '../training/schedule.ts';

/** The settings groups of a config and their fields, for the chosen model, data set and method. */
export function fieldGroups(ids: { model: string; dataset: string; method: string }): Record<string, Fields> {
  return {
    method: methodById(ids.method).fields,
    model: modelById(ids.model).fields,
    dataset: datasetById(ids.dataset).fields,
    schedule: scheduleFields,
    augmentation: augmentationFields,
    engine: engineFields,
    training: trainingFields,
  };
}

interface Flag {
  group: string;
  key: string;
  field: Field;
}

/** `initialDensity` is written `--initial-density`. */
export const kebab = (key: string) => key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);

/**
 * Every field has the flag `--group.key`; where only one group has the key, `--key` will do. `training`, the last
 * group, has precedence: `--seed` is the seed of the run, the seed of a synthetic data set is `--dataset.seed`.
 */
function flagTable(groups: Record<string, Fields>): Map<string, Flag | 'ambiguous'> {
  const table = new Map<string, Flag | 'ambiguous'>();
  for (const [group, fields] of Object.entries(groups)) {
    for (const [key, field] of Object.entries(fields)) {
      const flag = { group, key, field };
      table.set(`--${group}.${kebab(key)}`, flag);
      const short = `--${kebab(key)}`;
      table.set(short, !table.has(short) || group === 'training' ? flag : 'ambiguous');
    }
  }
  return table;
}

/**
 * Reads `--lambda 0.01 --widths 300,100 --nesterov` into `{ method: { lambda: 0.01, nesterov: true }, ... }`.
 * @throws UserError `bad-flag` for a flag that no field declares or that lacks its value
 */
export function readFlags(
  tokens: readonly string[],
  groups: Record<string, Fields>,
): Record<string, Record<string, unknown>> {
  const table = flagTable(groups);
  const given: Record<string, Record<string, unknown>> = {};
  for (let i = 0; i < tokens.length; i++) {
    const [name, inline] = split(tokens[i]);
    const flag = table.get(name);
    if (flag === undefined) throw unknownFlag(tokens[i], table);
    if (flag === 'ambiguous') {
      const full = [...table.keys()].filter((key) => key.endsWith(`.${name.slice(2)}`));
      throw new UserError(
        'bad-flag',
        `${name} could mean ${full.join(' or ')}; write the one you mean in full`,
        name,
      );
    }
    const next = tokens[i + 1];
    const takesNext = inline === undefined && next !== undefined && !/^--[a-z]/.test(next);
    const text = inline ?? (takesNext ? next : undefined);
    if (text === undefined && flag.field.type !== 'boolean') {
      throw new UserError('bad-flag', `${name} needs a value: ${accepts(flag.field)}`, name);
    }
    if (takesNext) i++;
    (given[flag.group] ??= {})[flag.key] = text === undefined ? true : readText(flag.field, text);
  }
  return given;
}

function split(token: string): [string, string | undefined] {
  const at = token.indexOf('=');
  return at < 0 ? [token, undefined] : [token.slice(0, at), token.slice(at + 1)];
}

function unknownFlag(token: string, table: ReadonlyMap<string, unknown>): UserError {
  const name = split(token)[0];
  const near = [...table.keys()].filter((key) => distance(key, name) <= 2);
  const hint =
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'filigree train --help lists every flag';
  return new UserError(
    'bad-flag',
    `${show(name)} is not a flag of this model, data set and method; ${hint}`,
    name,
  );
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(row[j - 1] + 1, previous[j] + 1, previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    previous = row;
  }
  return previous[b.length];
}

/** One line per field for `--help`. */
export function describeFields(group: string, fields: Fields): string {
  const lines = Object.entries(fields).map(([key, field]) => {
    const head = `  --${group}.${kebab(key)}`.padEnd(38);
    const paper = field.paper ? ` [${field.paper}]` : '';
    return `${head} ${accepts(field)}; default ${show(field.default)}\n      ${field.help}${paper}`;
  });
  return lines.length > 0 ? `${group}\n${lines.join('\n')}` : '';
}
