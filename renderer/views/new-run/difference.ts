import type { Catalog } from '../../../shared/catalog.ts';
import { sameValue, showValue } from '../../form/same.ts';
import { isVisible } from '../../form/visible.ts';
import { choiceGroups, entryOf, fieldsOf, groups, isChoice, type Draft, type Group } from './draft.ts';

/** A setting in which a draft differs from the run it was cloned from. */
export interface Difference {
  group: Group;
  /** Undefined where the entry itself (method, model, data set) is another one. */
  key: string | undefined;
  label: string;
  before: string;
  after: string;
}

/** Settings that differ, in the order of the form. Those of another entry are implied by it and not listed. */
export function differences(catalog: Catalog, parent: Draft, draft: Draft): Difference[] {
  const found: Difference[] = [];
  for (const group of groups) {
    const fields = fieldsOf(catalog, draft.ids, group);
    if (isChoice(group) && parent.ids[group] !== draft.ids[group]) {
      const title = (id: string) => entryOf(catalog, group, id)?.title ?? id;
      found.push({
        group,
        key: undefined,
        label: { method: 'Method', model: 'Model', dataset: 'Data set' }[group],
        before: title(parent.ids[group]),
        after: title(draft.ids[group]),
      });
      continue;
    }
    for (const [key, field] of Object.entries(fields)) {
      const [before, after] = [parent.values[group][key], draft.values[group][key]];
      const inUse =
        isVisible(fields, key, draft.values[group]) || isVisible(fields, key, parent.values[group]);
      if (!inUse || sameValue(before, after)) continue;
      found.push({ group, key, label: field.label, before: showValue(before), after: showValue(after) });
    }
  }
  return found;
}

/** The draft with one difference taken back. */
export function revert(parent: Draft, draft: Draft, { group, key }: Difference): Draft {
  if (key !== undefined) {
    const values = { ...draft.values[group], [key]: parent.values[group][key] };
    return { ...draft, values: { ...draft.values, [group]: values } };
  }
  const ids = choiceGroups.includes(group as 'method')
    ? { ...draft.ids, [group]: parent.ids[group as 'method'] }
    : draft.ids;
  return { ...draft, ids, values: { ...draft.values, [group]: parent.values[group] } };
}
