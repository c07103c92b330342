import { Bell, Cpu, Folder, HardDrive, Info, ListOrdered, SunMoon } from '@lucide/vue';
import { computed, type ComputedRef } from 'vue';
import { useRouter } from 'vue-router';
import { commands } from '../../shared/commands.ts';
import { isEnabled, runCommand } from '../commands/commands.ts';
import type { PaletteItem } from '../commands/palette.ts';
import { useRuns } from '../stores/runs.ts';

/** Sections of the settings view, by their name in its address. */
const settingsPages = [
  { section: 'general', title: 'Appearance', keywords: 'theme light dark', icon: SunMoon },
  { section: 'general', title: 'Run slots', keywords: 'queue parallel', icon: ListOrdered },
  { section: 'general', title: 'Notifications', keywords: 'alerts', icon: Bell },
  { section: 'engine', title: 'Engine and threads', keywords: 'backend native cpu speed measure', icon: Cpu },
  { section: 'workspace', title: 'Workspace folder', keywords: 'data path', icon: Folder },
  { section: 'storage', title: 'Storage use', keywords: 'clean up trash disk checkpoints', icon: HardDrive },
  { section: 'about', title: 'About Filigree', keywords: 'version licence', icon: Info },
];

/** Everything the palette can find: enabled commands, all runs, pages of the settings. */
export function usePaletteItems(): ComputedRef<PaletteItem[]> {
  const runs = useRuns();
  const router = useRouter();

  const commandItems = computed(() =>
    commands
      .filter(({ id }) => id !== 'view.palette' && isEnabled(id))
      .map<PaletteItem>(({ id, title, keys, menu }) => ({
        id: `command:${id}`,
        group: 'Commands',
        title,
        keys,
        keywords: menu,
        run: () => runCommand(id),
      })),
  );
  const runItems = computed(() =>
    runs.list.map<PaletteItem>(({ id, name, method, dataset, model, state }) => ({
      id: `run:${id}`,
      group: 'Runs',
      title: name,
      detail: `${method} · ${dataset}`,
      keywords: `${model} ${state} ${id}`,
      state,
      run: () => router.push({ name: 'run', params: { id } }),
    })),
  );
  const settingsItems = settingsPages.map<PaletteItem>(({ section, title, keywords, icon }) => ({
    id: `settings:${title}`,
    group: 'Settings',
    title,
    keywords: `settings ${keywords}`,
    icon,
    run: () => router.push({ name: 'settings', query: { section } }),
  }));
  return computed(() => [...commandItems.value, ...runItems.value, ...settingsItems]);
}
