import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router';
import type { RunDetail } from '../../../shared/run-view.ts';
import { useHost } from '../../host/client.ts';
import { useWorkbench } from '../../stores/workbench.ts';
import { readConfig, writeConfig, type Draft, type RawConfig } from './draft.ts';

/** Typing does not fill the address bar's history: the address follows after a pause, in place. */
const addressDelayMs = 250;

/**
 * The draft behind the form. It lives in the address (`/new?config=…`), so a reload or a shared link brings it back;
 * `?preset=ID` starts from a recipe, `?from=RUN` from another run's config, `&step=S` from that run's checkpoint too.
 */
export function useDraft() {
  const host = useHost();
  const route = useRoute();
  const router = useRouter();
  const catalog = computed(() => useWorkbench().catalog!);

  /** Settings of a link or a pasted config that are not known here. */
  const unknown = ref<string[]>([]);
  const draft = shallowRef<Draft>(fromPreset(undefined));
  const parent = shallowRef<{ detail: RunDetail; draft: Draft }>();
  /** Checkpoint of the parent to take the weights from; undefined for fresh ones. */
  const fromStep = ref<number>();
  const loading = ref(false);
  const error = ref<unknown>();
  let written: string | undefined;

  function fromPreset(id: string | undefined): Draft {
    const { presets } = catalog.value;
    return read((presets.find((preset) => preset.id === id) ?? presets[0])?.config ?? {});
  }

  /** A config without an engine gets the one that the settings name for new runs. */
  function read(raw: RawConfig): Draft {
    const { engine } = useWorkbench().settings!;
    const result = readConfig(catalog.value, { engine, ...raw });
    unknown.value = result.unknown;
    return result.draft;
  }

  async function load(): Promise<void> {
    const { config, preset, from, step } = texts(route.query);
    error.value = undefined;
    parent.value = undefined;
    fromStep.value = undefined;
    try {
      if (from) {
        loading.value = true;
        const detail = await host.call('runs.get', { id: from });
        const own = readConfig(catalog.value, { ...detail.config, name: '' }).draft;
        parent.value = { detail, draft: own };
        fromStep.value = step ? Number(step) : undefined;
        draft.value = own;
      }
      if (config) draft.value = read(JSON.parse(config) as RawConfig);
      else if (!from) draft.value = fromPreset(preset);
    } catch (reason) {
      error.value = reason;
    } finally {
      loading.value = false;
    }
  }

  function address(): LocationQueryRaw {
    const query: LocationQueryRaw = { config: JSON.stringify(writeConfig(catalog.value, draft.value)) };
    if (parent.value) query.from = parent.value.detail.row.id;
    if (fromStep.value !== undefined) query.step = String(fromStep.value);
    return query;
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  watch([draft, fromStep], () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const query = address();
      written = JSON.stringify(query);
      void router.replace({ name: 'new', query });
    }, addressDelayMs);
  });
  onScopeDispose(() => clearTimeout(timer));

  // A link into this view while it is open; what the view wrote itself is no news.
  watch(
    () => route.query,
    (query) => route.name === 'new' && JSON.stringify(query) !== written && load(),
  );
  void load();

  return {
    catalog,
    draft,
    parent,
    fromStep,
    unknown,
    loading,
    error,
    load,
    /** Replaces everything but the engine, which belongs to the machine and not to the recipe. */
    replace(raw: RawConfig): void {
      draft.value = read({ engine: draft.value.values.engine, ...raw });
    },
  };
}

const texts = (query: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
