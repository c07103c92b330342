import { ref } from 'vue';
import { useRouter } from 'vue-router';
import { uploadLimits, type ImportResult } from '../../shared/run-archive.ts';
import { useHost, type HostClient } from '../host/client.ts';
import { bytes } from '../format.ts';
import { toast } from '../ui/toast.ts';

const outcomes: Record<ImportResult['outcome'], (name: string) => string> = {
  imported: (name) => `“${name}” was imported`,
  copied: (name) => `“${name}” was imported under a new id; another run has its own`,
  known: (name) => `“${name}” is here already, nothing was changed`,
  restored: (name) => `“${name}” was in the trash and is back`,
};

/** Imports run archives that were chosen or dropped in this window; says how it ended. */
export function useArchiveImport() {
  const host = useHost();
  const router = useRouter();
  /** The file that is being sent or checked, and how much of it has arrived. */
  const importing = ref<{ name: string; fraction: number }>();

  async function importFile(file: File): Promise<void> {
    importing.value = { name: file.name, fraction: 0 };
    try {
      const upload = await send(host, file, (fraction) => (importing.value = { name: file.name, fraction }));
      const { id, name, outcome } = await host.call('archives.import', { upload });
      toast({
        text: outcomes[outcome](name),
        tone: 'good',
        action: { label: 'Open', run: () => router.push(`/runs/${id}`) },
      });
    } catch (error) {
      toast({ text: `${file.name}: ${(error as Error).message}`, tone: 'bad' });
    } finally {
      importing.value = undefined;
    }
  }

  return {
    importing,
    async importFiles(files: Iterable<File>): Promise<void> {
      for (const file of files) await importFile(file);
    },
  };
}

async function send(host: HostClient, file: File, onProgress: (fraction: number) => void): Promise<string> {
  if (file.size === 0 || file.size > uploadLimits.bytes) {
    throw new Error(`it has ${bytes(file.size)}; accepted are up to ${bytes(uploadLimits.bytes)}`);
  }
  const { upload } = await host.call('archives.beginUpload', { bytes: file.size });
  for (let offset = 0; offset < file.size; offset += uploadLimits.chunkBytes) {
    const part = await file.slice(offset, offset + uploadLimits.chunkBytes).arrayBuffer();
    await host.call('archives.upload', { upload, offset, data: new Uint8Array(part) });
    onProgress(Math.min(1, (offset + uploadLimits.chunkBytes) / file.size));
  }
  return upload;
}
