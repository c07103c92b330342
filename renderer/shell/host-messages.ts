import { onScopeDispose } from 'vue';
import type { Task } from '../../shared/task.ts';
import { useHost } from '../host/client.ts';
import { toast } from '../ui/toast.ts';

/**
 * How the end of a download is told; one that the user cancelled needs no words. Imports, exports and measurements
 * answer the call that asked for them, where their result is shown.
 */
function tell(task: Task): void {
  if (task.kind !== 'download') return;
  if (task.state === 'done') toast({ text: `${task.title}: done`, tone: 'good' });
  if (task.state === 'failed') toast({ text: `${task.title}: ${task.message}`, tone: 'bad' });
}

/** What the host says unasked: notices, and how background tasks ended. */
export function useHostMessages(): void {
  const host = useHost();
  const stops = [
    host.on('notice', ({ level, text }) => toast({ text, tone: level === 'info' ? 'neutral' : 'bad' })),
    host.on('task.changed', tell),
  ];
  onScopeDispose(() => stops.forEach((stop) => stop()));
}
