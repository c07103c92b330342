import { computed, ref, shallowRef, watch, type Ref } from 'vue';
import type { DatasetInfo, DatasetPreview } from '../../../shared/dataset-info.ts';
import { useHost } from '../../host/client.ts';
import { isPlane } from './shape.ts';

/** Pictures per page; a plane takes as many points as the host gives at once. */
const pageSize = 96;
const planePageSize = 500;

export interface Page {
  split: 'train' | 'test';
  label: number | undefined;
  offset: number;
}

/** A page of samples of a data set that can be read now; the old page stays until the new one is here. */
export function useDatasetPage(info: Ref<DatasetInfo | undefined>, page: Ref<Page>) {
  const host = useHost();
  const preview = shallowRef<DatasetPreview>();
  const error = ref<unknown>();
  const loading = ref(false);
  let newest = 0;
  let shownName: string | undefined;

  async function load(): Promise<void> {
    const mine = ++newest;
    const wanted = info.value;
    if (wanted?.name !== shownName) preview.value = undefined;
    shownName = wanted?.name;
    error.value = undefined;
    loading.value = false;
    if (wanted?.state !== 'ready') return;
    loading.value = true;
    try {
      const answer = await host.call('datasets.preview', {
        dataset: wanted.dataset,
        count: pageSizeOf(wanted),
        ...page.value,
      });
      if (mine === newest) preview.value = answer;
    } catch (reason) {
      if (mine === newest) error.value = reason;
    } finally {
      if (mine === newest) loading.value = false;
    }
  }
  const key = computed(() => JSON.stringify([info.value?.name, info.value?.state, page.value]));
  watch(key, load, { immediate: true });

  return { preview, error, loading, load };
}

export const pageSizeOf = ({ shape }: Pick<DatasetInfo, 'shape'>): number =>
  shape && isPlane(shape) ? planePageSize : pageSize;
