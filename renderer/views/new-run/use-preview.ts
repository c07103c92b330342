import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue';
import type { CallError, Input } from '../../../shared/contract.ts';
import type { NetworkPreview } from '../../../shared/run-preview.ts';
import { useHost } from '../../host/client.ts';

const typingPauseMs = 150;

/**
 * The consequences of a config and of the weights it starts with, asked for whenever it rests for a moment. The last network that could be built stays
 * on screen, marked stale, while a new answer is on its way or the config has a problem.
 */
export function usePreview(question: Ref<Input<'form.preview'>>) {
  const host = useHost();
  const network = shallowRef<NetworkPreview>();
  const problems = shallowRef<CallError[]>([]);
  /** What is on screen is not about the present config. */
  const stale = ref(true);
  /** An answer about the present config is on its way. */
  const pending = ref(true);
  const answered = ref(false);
  const error = ref<unknown>();
  let newest = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function ask(): Promise<void> {
    const mine = ++newest;
    try {
      const preview = await host.call('form.preview', question.value);
      if (mine !== newest) return;
      network.value = preview.network ?? network.value;
      problems.value = preview.problems;
      stale.value = preview.network === undefined;
      error.value = undefined;
    } catch (reason) {
      if (mine !== newest) return;
      error.value = reason;
    }
    pending.value = false;
    answered.value = true;
  }

  watch(
    () => JSON.stringify(question.value),
    () => {
      stale.value = true;
      pending.value = true;
      clearTimeout(timer);
      timer = setTimeout(ask, answered.value ? typingPauseMs : 0);
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    clearTimeout(timer);
    newest++;
  });

  return { network, problems, stale, pending, answered, error, ask };
}
