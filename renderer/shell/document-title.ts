import { computed, watchEffect } from 'vue';
import { useRoute } from 'vue-router';
import { isLive } from '../../shared/run-state.ts';
import { useQueue } from '../stores/queue.ts';
import { useRuns } from '../stores/runs.ts';
import { progressOf } from '../runs/progress.ts';
import { runsNow } from './run-progress.ts';

const titles: Readonly<Record<string, string>> = {
  runs: 'Runs',
  compare: 'Compare',
  new: 'New run',
  datasets: 'Data sets',
  settings: 'Settings',
  gallery: 'Gallery',
  missing: 'Not found',
};

/**
 * Title of the window: "43 % · Runs · Filigree". The progress is that of the run in view, elsewhere that of the run
 * which trains, so that a tab in the background says how far it is.
 */
export function titleOf(
  route: { name?: unknown; params: { id?: unknown } },
  rows: Parameters<typeof runsNow>[0],
  queue: Parameters<typeof runsNow>[1],
): string {
  const shown = rows.get(String(route.params.id));
  const live = shown ?? runsNow(rows, queue)[0];
  const progress = live && isLive(live.state) ? progressOf(live) : undefined;
  const view = shown
    ? route.name === 'masks'
      ? `Masks of ${shown.name}`
      : shown.name
    : titles[String(route.name)];
  return [progress === undefined ? '' : `${Math.floor(progress * 100)} %`, view, 'Filigree']
    .filter(Boolean)
    .join(' · ');
}

export function useDocumentTitle(): void {
  const route = useRoute();
  const runs = useRuns();
  const queue = useQueue();
  const title = computed(() => titleOf(route, runs.rows, queue.queue));
  watchEffect(() => (document.title = title.value));
}
