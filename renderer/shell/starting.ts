import { onScopeDispose, reactive } from 'vue';
import { percent } from '../format.ts';
import { useHost } from '../host/client.ts';

const texts = reactive(new Map<string, string>());

/** What a starting run is doing, "Loading data 40 %"; empty once it trains. */
export const startingText = (runId: string): string => texts.get(runId) ?? '';

/** Listens to what starting runs do; once, by the frame of the app. */
export function observeStarts(): void {
  const stop = useHost().on('run.progress', ({ runId, text, fraction }) => {
    if (text === '') texts.delete(runId);
    else texts.set(runId, fraction === undefined ? text : `${text} ${percent(fraction, 0)}`);
  });
  onScopeDispose(stop);
}
