import type { UserError } from '../../../shared/errors.ts';
import type { RunFile } from '../../../shared/run-archive.ts';
import type { RunRow } from '../../../shared/run-view.ts';
import { saveUrl } from '../../charts/chart-export.ts';
import { useHost } from '../../host/client.ts';
import { bytes } from '../../format.ts';
import { useWorkbench } from '../../stores/workbench.ts';
import { confirm } from '../../ui/confirm.ts';
import { toast } from '../../ui/toast.ts';

/** Files about a whole run: its archive and its report. They end up with the downloads, or are shown in their folder. */
export function useRunFiles() {
  const host = useHost();
  const workbench = useWorkbench();

  async function write(call: 'archives.create' | 'reports.create', { id }: RunRow): Promise<void> {
    try {
      const file = await create(call, id);
      if (file) deliver(file);
    } catch (error) {
      toast({ text: (error as Error).message, tone: 'bad' });
    }
  }

  async function create(
    call: 'archives.create' | 'reports.create',
    runId: string,
  ): Promise<RunFile | undefined> {
    try {
      return await host.call(call, { runId });
    } catch (error) {
      if ((error as UserError).code !== 'file-exists') throw error;
    }
    // In a browser the file in the workspace is only on its way to the downloads.
    const agreed =
      workbench.info?.shell === 'browser' ||
      (await confirm({
        title: 'Replace the file?',
        text: 'It was written before and lies in the export folder of the workspace.',
        action: 'Replace',
      }));
    return agreed ? host.call(call, { runId, overwrite: true }) : undefined;
  }

  function deliver({ path, file, bytes: size, downloadUrl }: RunFile): void {
    if (downloadUrl !== undefined) return saveUrl(file, downloadUrl);
    toast({
      text: `${file} was written (${bytes(size)})`,
      tone: 'good',
      action: { label: 'Show in folder', run: () => host.call('shell.reveal', { path }) },
    });
  }

  return {
    saveArchive: (run: RunRow) => write('archives.create', run),
    writeReport: (run: RunRow) => write('reports.create', run),
  };
}
