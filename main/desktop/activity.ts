import { powerSaveBlocker, type BrowserWindow } from 'electron';
import type { Events } from '../../shared/contract.ts';
import type { Host } from '../app/host.ts';
import { LiveProgress } from '../app/live-progress.ts';

/** Values of setProgressBar beyond 0..1. */
const noBar = -1;
const unknownLength = 2;

/** Keeps the computer awake while anything trains, and shows how far it is in the task bar. */
export function showActivity(
  { events, queue }: Pick<Host, 'events' | 'queue'>,
  window: () => BrowserWindow | undefined,
): void {
  const progress = new LiveProgress();
  let blocker: number | undefined;

  const keepAwake = (isTraining: boolean) => {
    if (isTraining) blocker ??= powerSaveBlocker.start('prevent-app-suspension');
    else if (blocker !== undefined) {
      powerSaveBlocker.stop(blocker);
      blocker = undefined;
    }
  };
  const draw = () => {
    const { runs, fraction } = progress;
    const isPaused = runs.length > 0 && runs.every(({ row }) => row.state === 'paused');
    const value = runs.length === 0 ? noBar : (fraction ?? unknownLength);
    window()?.setProgressBar(value, { mode: isPaused ? 'paused' : 'normal' });
  };
  keepAwake(queue.get().active.length > 0);
  events.connect((event, payload) => {
    if (event === 'queue.changed') keepAwake((payload as Events['queue.changed']).active.length > 0);
    if (event !== 'runs.changed') return;
    progress.update((payload as Events['runs.changed']).rows);
    draw();
  });
}
