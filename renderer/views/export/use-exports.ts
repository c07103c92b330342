import { computed, reactive, ref } from 'vue';
import type { ExporterEntry } from '../../../shared/catalog.ts';
import type { UserError } from '../../../shared/errors.ts';
import type { ExportResult } from '../../../shared/export-result.ts';
import { useHost } from '../../host/client.ts';

/** One format of an export; `exists` waits for the user to say whether the file may be replaced. */
export interface FormatExport {
  format: ExporterEntry;
  state: 'waiting' | 'writing' | 'exists' | 'failed' | 'done';
  error?: UserError;
  result?: ExportResult;
}

/** What the network goes through before, and where to; the workspace's export folder if `path` is left out. */
export interface ExportChoice {
  runId: string;
  transforms: string[];
  path?: string;
}

/** Writes a run in several formats, one after the other; one that fails does not keep the others back. */
export function useExports() {
  const host = useHost();
  const exports = ref<FormatExport[]>([]);
  const busy = computed(() => exports.value.some(({ state }) => state === 'waiting' || state === 'writing'));
  let choice: ExportChoice;

  async function write(one: FormatExport, overwrite: boolean): Promise<void> {
    one.state = 'writing';
    one.error = undefined;
    try {
      one.result = await host.call('exports.create', { ...choice, format: one.format.id, overwrite });
      one.state = 'done';
    } catch (reason) {
      one.error = reason as UserError;
      one.state = one.error.code === 'file-exists' ? 'exists' : 'failed';
    }
  }

  async function start(formats: readonly ExporterEntry[], what: ExportChoice): Promise<void> {
    choice = what;
    exports.value = formats.map((format) => reactive<FormatExport>({ format, state: 'waiting' }));
    await writeAll(exports.value, false);
  }

  async function writeAll(some: readonly FormatExport[], overwrite: boolean): Promise<void> {
    for (const one of some) await write(one, overwrite);
  }

  return { exports, busy, start, write, writeAll };
}
