import { onScopeDispose, watch } from 'vue';
import { useRouter } from 'vue-router';
import type { RunRow } from '../../shared/run-view.ts';
import { isEnd, isLive, type RunState } from '../../shared/run-state.ts';
import { metricFormat } from '../format.ts';
import { useHost } from '../host/client.ts';
import { useRuns } from '../stores/runs.ts';
import { useWorkbench } from '../stores/workbench.ts';
import { toast } from '../ui/toast.ts';

/** A page that came over plain HTTP from another machine may not notify. */
export function notificationPermission(): NotificationPermission | 'unavailable' {
  return 'Notification' in window && window.isSecureContext ? Notification.permission : 'unavailable';
}

/** Asks the system; only ever called when the user wants notifications. @returns whether they may be shown */
export async function askForNotifications(): Promise<boolean> {
  if (notificationPermission() !== 'default') return notificationPermission() === 'granted';
  return (await Notification.requestPermission()) === 'granted';
}

/** What there is to say about a run that just ended; nothing about one the user stopped. */
export function endMessage(row: RunRow): { title: string; body: string; tone: 'good' | 'bad' } | undefined {
  if (row.state === 'finished') {
    const accuracy = row.metrics['test/accuracy']?.last;
    const body = accuracy === undefined ? '' : `Test accuracy ${metricFormat('test/accuracy')(accuracy)}`;
    return { title: `${row.name} finished`, body, tone: 'good' };
  }
  if (row.state === 'failed' || row.state === 'lost') {
    const what = row.state === 'failed' ? 'failed' : 'was lost';
    return { title: `${row.name} ${what}`, body: row.reason ?? '', tone: 'bad' };
  }
  return undefined;
}

const hintKey = 'filigree-notification-hint';

/**
 * Says when a run ends: a toast while the user looks at the window, else a notification of the system, if the
 * setting is on and the system allows it. The first run that starts offers to ask for that.
 */
export function useRunNotifications(): void {
  const host = useHost();
  const runs = useRuns();
  const workbench = useWorkbench();
  const router = useRouter();
  const states = new Map<string, RunState>();

  // What ended before this window opened, or while it was not connected, is no news.
  watch(
    () => runs.loaded,
    () => runs.list.forEach(({ id, state }) => states.set(id, state)),
    { immediate: true },
  );

  function announce(row: RunRow): void {
    const message = endMessage(row);
    if (!message) return;
    const open = () => router.push({ name: 'run', params: { id: row.id } });
    if (document.hasFocus()) {
      const here = router.currentRoute.value.params.id === row.id;
      const text = message.body ? `${message.title}. ${message.body}` : message.title;
      toast({ text, tone: message.tone, action: here ? undefined : { label: 'Open', run: open } });
    } else if (workbench.settings?.notifications && notificationPermission() === 'granted') {
      const notification = new Notification(message.title, { body: message.body, tag: row.id });
      notification.onclick = () => {
        window.focus();
        void open();
        notification.close();
      };
    }
  }

  function offer(): void {
    if (!workbench.settings?.notifications || notificationPermission() !== 'default') return;
    if (localStorage.getItem(hintKey)) return;
    localStorage.setItem(hintKey, 'shown');
    toast({
      text: 'Filigree can tell you when a run ends while you do something else.',
      action: { label: 'Allow notifications', run: askForNotifications },
      duration: 15_000,
    });
  }

  const stop = host.on('runs.changed', ({ rows }) => {
    for (const row of rows) {
      const before = states.get(row.id);
      states.set(row.id, row.state);
      if (before === undefined || before === row.state) continue;
      if (isEnd(row.state) && !isEnd(before)) announce(row);
      if (isLive(row.state) && before === 'queued') offer();
    }
  });
  onScopeDispose(stop);
}
