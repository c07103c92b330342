import { computed, onScopeDispose, ref, shallowRef, type Ref } from 'vue';
import type { Output } from '../../../shared/contract.ts';
import { useHost } from '../../host/client.ts';
import type { RawConfig } from './draft.ts';

/** The measured step time of a config on the host. What does not change a step's time does not make it old. */
export function useMeasurement(config: Ref<RawConfig>) {
  const host = useHost();
  const result = shallowRef<Output<'form.measure'>>();
  const measuredKey = ref('');
  const busy = ref(false);
  const error = ref<unknown>();
  let here = true;
  onScopeDispose(() => (here = false));

  const key = computed(() => {
    const { method, model, dataset, training, engine } = config.value;
    const step = { ...(training as object | undefined), epochs: undefined, seed: undefined };
    return JSON.stringify({ method, model, dataset, step, engine });
  });

  async function measure(): Promise<void> {
    const mine = key.value;
    busy.value = true;
    error.value = undefined;
    try {
      const answer = await host.call('form.measure', { config: config.value });
      if (!here) return;
      result.value = answer;
      measuredKey.value = mine;
    } catch (reason) {
      error.value = reason;
    } finally {
      busy.value = false;
    }
  }

  return { result, busy, error, measure, current: computed(() => measuredKey.value === key.value) };
}
