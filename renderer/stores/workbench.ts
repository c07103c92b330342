import { defineStore } from 'pinia';
import { ref, shallowRef, watch } from 'vue';
import type { Catalog } from '../../shared/catalog.ts';
import type { EngineInfo } from '../../shared/engine-info.ts';
import type { Settings } from '../../shared/settings.ts';
import type { WorkbenchInfo } from '../../shared/workbench-info.ts';
import { useHost } from '../host/client.ts';

/** What the host is, what can be chosen, and the workspace's settings. `App` shows views only once this is loaded. */
export const useWorkbench = defineStore('workbench', () => {
  const host = useHost();
  const info = shallowRef<WorkbenchInfo>();
  const catalog = shallowRef<Catalog>();
  const settings = shallowRef<Settings>();
  const engines = shallowRef<EngineInfo[]>([]);
  const error = ref<unknown>();

  async function load(): Promise<void> {
    try {
      error.value = undefined;
      const [newInfo, newCatalog, newSettings, newEngines] = await Promise.all([
        host.call('workbench.describe', {}),
        host.call('catalog.describe', {}),
        host.call('settings.get', {}),
        host.call('engines.list', {}),
      ]);
      info.value = newInfo;
      catalog.value = newCatalog;
      settings.value = newSettings;
      engines.value = newEngines;
    } catch (reason) {
      error.value = reason;
    }
  }

  /** After one was installed or removed. */
  async function reloadEngines(): Promise<void> {
    engines.value = await host.call('engines.list', {});
  }

  /** Takes effect at once; if the host cannot store it, the old settings are back and the error is thrown. */
  async function changeSettings(patch: Partial<Settings>): Promise<void> {
    const before = settings.value!;
    settings.value = { ...before, ...patch };
    try {
      settings.value = await host.call('settings.change', patch);
    } catch (reason) {
      settings.value = before;
      throw reason;
    }
  }

  host.on('settings.changed', (changed) => (settings.value = changed));
  // Another window may have changed them while the connection was lost.
  watch(host.status, (status) => status === 'open' && settings.value && load());

  return { info, catalog, settings, engines, error, load, reloadEngines, changeSettings };
});
