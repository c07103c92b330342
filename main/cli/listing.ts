import { accepts, type Fields } from '../../shared/fields.ts';
import { UserError, show } from '../../shared/errors.ts';
import { datasets } from '../datasets/registry.ts';
import type { Method } from '../methods/method.ts';
import { methods } from '../methods/registry.ts';
import { models } from '../models/registry.ts';
import { print, printJson } from './output.ts';
import { kebab } from './flags.ts';

export type Listed = 'methods' | 'models' | 'datasets';

/** Prints a registry: a line each, or one entry with all its settings. */
export function list(what: Listed, id: string | undefined, json: boolean): void {
  const entries = { methods, models, datasets }[what] as readonly Entry[];
  const chosen = id === undefined ? entries : entries.filter((entry) => entry.id === id);
  if (id !== undefined && chosen.length === 0) {
    throw unknown(what, id, entries);
  }
  if (json)
    return printJson(
      chosen.map(({ id, title, summary, fields, ...rest }) => ({
        id,
        title,
        summary,
        fields,
        ...plain(rest),
      })),
    );
  const width = Math.max(...entries.map((entry) => entry.id.length));
  for (const entry of chosen) {
    print(`${entry.id.padEnd(width)}  ${entry.title}${tags(entry)}`);
    print(`${' '.repeat(width)}  ${entry.summary}`);
    if (id !== undefined) describe(entry);
  }
}

interface Entry {
  id: string;
  title: string;
  summary: string;
  fields: Fields;
  paper?: { title: string; reference: string };
  licence?: string;
  taxonomy?: Method['taxonomy'];
  extension?: boolean;
}

function tags(entry: Entry): string {
  const { taxonomy } = entry;
  if (!taxonomy) return '';
  const mask = taxonomy.topology === 'none' ? [] : [`${taxonomy.topology} mask`];
  return `  [${[`${taxonomy.start}-to-${taxonomy.end}`, ...mask, taxonomy.structure, ...(entry.extension ? ['our extension'] : [])].join(', ')}]`;
}

function describe(entry: Entry): void {
  if (entry.paper) print(`\n  ${entry.paper.title} (${entry.paper.reference})`);
  if (entry.licence) print(`\n  Licence: ${entry.licence}`);
  for (const [key, field] of Object.entries(entry.fields)) {
    print(`\n  --${kebab(key)}  ${field.label}: ${accepts(field)}; default ${show(field.default)}`);
    print(`      ${field.help}${field.paper ? ` [${field.paper}]` : ''}`);
  }
}

/** Leaves out functions, which JSON has no place for. */
function plain(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => typeof value !== 'function'));
}

function unknown(what: Listed, id: string, entries: readonly Entry[]): Error {
  return new UserError(
    'unknown-id',
    `${show(id)} is not one of the ${what}: ${entries.map((e) => e.id).join(', ')}`,
  );
}
