import { computed, type Ref } from 'vue';
import type { Catalog } from '../../../shared/catalog.ts';
import type { CallError } from '../../../shared/contract.ts';
import { draftProblems, fieldsOf, groups, type Draft, type Group } from './draft.ts';

/** What is wrong with a draft: what the form finds while typing, and what only the host can find a moment later. */
export function useProblems(catalog: Ref<Catalog>, draft: Ref<Draft>, fromHost: Ref<readonly CallError[]>) {
  const own = computed(() => draftProblems(catalog.value, draft.value));

  /** In words to stand beside the field, by its path. */
  const byPath = computed<Record<string, string>>(() => ({
    ...Object.fromEntries(
      fromHost.value
        .filter(({ field }) => field !== undefined)
        .map(({ field, message }) => [field, message.replace(`${field}: `, '')]),
    ),
    ...own.value,
  }));

  /** One for each field, and those that are about no field. */
  const list = computed<CallError[]>(() => [
    ...Object.entries(byPath.value).map(([field, text]) => ({
      ...{ code: 'bad-config', field },
      message: `${labelOf(field)}: ${text}`,
    })),
    ...fromHost.value.filter(({ field }) => field === undefined),
  ]);

  /** What the form calls a field; the path itself where the form has none, as for the checkpoint to start from. */
  function labelOf(path: string): string {
    const [group, key] = path.split('.') as [Group, string];
    const fields = groups.includes(group) ? fieldsOf(catalog.value, draft.value.ids, group) : {};
    return fields[key]?.label ?? path;
  }

  return { own, byPath, list };
}
