import { onScopeDispose } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { isLive } from '../../shared/run-state.ts';
import { runCommand, useCommand } from '../commands/commands.ts';
import { undoNewest, undoStack } from '../commands/undo.ts';
import { useHost } from '../host/client.ts';
import { useRuns } from '../stores/runs.ts';
import { useWorkbench } from '../stores/workbench.ts';
import { toast } from '../ui/toast.ts';
import type { Theme } from './theme.ts';

/** The commands that every view has; those about a run are offered by the views that show one. */
export function useGlobalCommands(frame: {
  theme: () => Theme;
  togglePalette(): void;
  toggleSidebar(): void;
  toggleShortcuts(): void;
}): void {
  const host = useHost();
  const runs = useRuns();
  const workbench = useWorkbench();
  const router = useRouter();
  const route = useRoute();

  const go = (name: string) => ({ run: () => router.push({ name }) });
  const newestLive = () => runs.list.find(({ state }) => isLive(state));
  /** The run in view, else the one a user most likely means. */
  const likelyRun = () => runs.get(String(route.params.id)) ?? newestLive() ?? runs.list[0];

  useCommand('run.new', go('new'));
  useCommand('go.runs', go('runs'));
  useCommand('go.compare', go('compare'));
  useCommand('go.datasets', go('datasets'));
  useCommand('go.settings', go('settings'));
  useCommand('go.live', {
    enabled: () => newestLive() !== undefined,
    run: () => router.push({ name: 'run', params: { id: newestLive()!.id } }),
  });
  useCommand('go.masks', {
    enabled: () => likelyRun() !== undefined,
    run: () => router.push({ name: 'masks', params: { id: likelyRun()!.id } }),
  });

  useCommand('view.palette', { run: frame.togglePalette });
  useCommand('view.sidebar', { run: frame.toggleSidebar });
  useCommand('view.theme', {
    run: () => workbench.changeSettings({ theme: frame.theme() === 'dark' ? 'light' : 'dark' }),
  });
  useCommand('help.shortcuts', { run: frame.toggleShortcuts });
  useCommand('edit.undo', {
    enabled: () => undoStack.value.length > 0,
    run: () => {
      const label = undoNewest();
      if (label) toast({ text: `Undone: ${label}` });
    },
  });

  // Menu items of the desktop shell.
  onScopeDispose(host.on('command', ({ id }) => runCommand(id)));
}
