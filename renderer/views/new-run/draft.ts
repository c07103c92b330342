import type { Catalog, CatalogEntry } from '../../../shared/catalog.ts';
import type { Fields } from '../../../shared/fields.ts';
import { choiceGroups, groups } from '../../../shared/train-command.ts';
import { fieldProblem, type RawValues } from '../../form/problem.ts';
import { sameValue } from '../../form/same.ts';
import { isVisible } from '../../form/visible.ts';

export { choiceGroups, groups };

/** Groups that are an entry of a registry with its settings. */
export type ChoiceGroup = (typeof choiceGroups)[number];
export type Group = (typeof groups)[number];

/** A run config while it is being edited: every value is there, and may be wrong for the moment. */
export interface Draft {
  /** '' as long as the name is made from the settings. */
  name: string;
  ids: Record<ChoiceGroup, string>;
  values: Record<Group, RawValues>;
}

/** A run config as people and URLs write it: `{ model: { id, widths }, training: { epochs } }`. */
export type RawConfig = Record<string, unknown>;

export const isChoice = (group: Group): group is ChoiceGroup =>
  (choiceGroups as readonly string[]).includes(group);

export function entriesOf(catalog: Catalog, group: ChoiceGroup): readonly CatalogEntry[] {
  return { method: catalog.methods, model: catalog.models, dataset: catalog.datasets }[group];
}

export const entryOf = (catalog: Catalog, group: ChoiceGroup, id: string): CatalogEntry | undefined =>
  entriesOf(catalog, group).find((entry) => entry.id === id);

/** The fields of a group, for the chosen method, model and data set. */
export function fieldsOf(catalog: Catalog, ids: Draft['ids'], group: Group): Fields {
  return isChoice(group) ? (entryOf(catalog, group, ids[group])?.fields ?? {}) : catalog[group];
}

export function defaultsOf(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field.default]));
}

/**
 * Reads a config in any of the ways it can be written, filling in defaults.
 * @returns the draft, and what of the config is not known here and was left out
 */
export function readConfig(catalog: Catalog, raw: RawConfig): { draft: Draft; unknown: string[] } {
  const unknown: string[] = [];
  const fallback = { method: 'ml-linbreg', model: 'mlp', dataset: 'fashion-mnist-mini' };
  const given = Object.fromEntries(groups.map((group) => [group, flat(raw[group])])) as Record<
    Group,
    Record<string, unknown>
  >;
  const ids = { ...fallback };
  for (const group of choiceGroups) {
    const id = given[group].id;
    if (typeof id !== 'string') continue;
    if (entryOf(catalog, group, id)) ids[group] = id;
    else unknown.push(`${group} ${id}`);
  }
  const values = {} as Draft['values'];
  for (const group of groups) {
    const fields = fieldsOf(catalog, ids, group);
    const known: Record<string, unknown> = defaultsOf(fields);
    for (const [key, value] of Object.entries(given[group])) {
      if (isChoice(group) && key === 'id') continue;
      if (fields[key]) known[key] = value;
      else unknown.push(`${group}.${key}`);
    }
    values[group] = known;
  }
  for (const key of Object.keys(raw)) {
    if (!['version', 'name', ...groups].includes(key)) unknown.push(key);
  }
  return { draft: { name: typeof raw.name === 'string' ? raw.name : '', ids, values }, unknown };
}

/** `"rigl"`, `{ id: 'rigl', density: 0.1 }` and the stored `{ id: 'rigl', values: { density: 0.1 } }` alike. */
function flat(part: unknown): Record<string, unknown> {
  if (typeof part === 'string') return { id: part };
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return {};
  const { values, ...rest } = part as { values?: object };
  return typeof values === 'object' ? { ...values, ...rest } : { ...part };
}

/** The shortest config that means the same: what is not used now or has its default is left out. */
export function writeConfig(catalog: Catalog, draft: Draft): RawConfig {
  const config: RawConfig = draft.name ? { name: draft.name } : {};
  for (const group of groups) {
    const changed = changedValues(catalog, draft, group);
    if (isChoice(group)) config[group] = { id: draft.ids[group], ...changed };
    else if (Object.keys(changed).length > 0) config[group] = changed;
  }
  return config;
}

function changedValues(catalog: Catalog, draft: Draft, group: Group): Record<string, unknown> {
  const fields = fieldsOf(catalog, draft.ids, group);
  return Object.fromEntries(
    Object.entries(draft.values[group]).filter(
      ([key, value]) => !sameValue(value, fields[key].default) && isVisible(fields, key, draft.values[group]),
    ),
  );
}

/**
 * Another entry of a registry. Values that were set by hand and that the new entry has too are kept; the rest takes
 * the new entry's defaults.
 * @returns the new draft and the keys that were kept
 */
export function chooseEntry(
  catalog: Catalog,
  draft: Draft,
  group: ChoiceGroup,
  id: string,
): { draft: Draft; kept: string[] } {
  const before = fieldsOf(catalog, draft.ids, group);
  const after = entryOf(catalog, group, id)!.fields;
  const kept = Object.entries(draft.values[group])
    .filter(
      ([key, value]) =>
        after[key]?.type === before[key]?.type &&
        !sameValue(value, before[key].default) &&
        !sameValue(value, after[key].default) &&
        fieldProblem(after[key], value) === undefined,
    )
    .map(([key]) => key);
  const values = defaultsOf(after);
  for (const key of kept) values[key] = draft.values[group][key];
  return {
    draft: {
      ...draft,
      ids: { ...draft.ids, [group]: id },
      values: { ...draft.values, [group]: values },
    },
    kept,
  };
}

export function setValue(draft: Draft, group: Group, key: string, value: unknown): Draft {
  return { ...draft, values: { ...draft.values, [group]: { ...draft.values[group], [key]: value } } };
}

/** What is wrong with each field in use, by its path `method.lambda`. */
export function draftProblems(catalog: Catalog, draft: Draft): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const group of groups) {
    const fields = fieldsOf(catalog, draft.ids, group);
    for (const [key, field] of Object.entries(fields)) {
      if (!isVisible(fields, key, draft.values[group])) continue;
      const problem = fieldProblem(field, draft.values[group][key]);
      if (problem) problems[`${group}.${key}`] = problem;
    }
  }
  return problems;
}
