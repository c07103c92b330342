// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryHistory, createRouter } from 'vue-router';
import ImportArchive from '../../../../renderer/views/runs/ImportArchive.vue';
import { dismissToast, toasts } from '../../../../renderer/ui/toast.ts';
import { UserError } from '../../../../shared/errors.ts';
import { uploadLimits, type ImportResult } from '../../../../shared/run-archive.ts';
import { catalog } from '../new-run/catalog.ts';
import { fakeHost, workbenchOf } from '../support/fake-host.ts';

let mounted: ReturnType<typeof mount> | undefined;
// It listens to the window until it is gone.
afterEach(() => mounted?.unmount());
beforeEach(() => toasts.value.forEach(({ id }) => dismissToast(id)));

/** The button over a host that takes pieces and answers the import. */
function importer(answer: () => ImportResult) {
  const host = fakeHost({
    'archives.beginUpload': () => ({ upload: 'ticket' }),
    'archives.upload': () => {},
    'archives.import': answer,
  });
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:all(.*)*', component: {} }],
  });
  const { plugins, provide } = workbenchOf(host, catalog);
  mounted = mount(ImportArchive, { global: { plugins: [...plugins, router], provide } });
  return { host };
}

/** A file dropped somewhere in the window. */
async function drop(file: File): Promise<void> {
  const event = new Event('drop');
  Object.assign(event, { dataTransfer: { types: ['Files'], files: [file] } });
  window.dispatchEvent(event);
  for (let i = 0; i < 10; i++) await flushPromises();
}

describe('importing an archive', () => {
  it('sends a dropped file in pieces, in order, and says that the run is there', async () => {
    const { host } = importer(() => ({ id: 'x', name: 'a run', outcome: 'copied' }));
    const content = Uint8Array.from({ length: 2 * uploadLimits.chunkBytes + 10 }, (_, i) => i % 251);
    await drop(new File([content], 'run.filigree'));
    expect(host.inputs('archives.beginUpload')).toEqual([{ bytes: content.length }]);
    const pieces = host.inputs('archives.upload');
    expect(pieces.map(({ offset }) => offset)).toEqual([
      0,
      uploadLimits.chunkBytes,
      2 * uploadLimits.chunkBytes,
    ]);
    expect(Buffer.concat(pieces.map(({ data }) => data)).equals(content)).toBe(true);
    expect(host.inputs('archives.import')).toEqual([{ upload: 'ticket' }]);
    expect(toasts.value.map(({ text }) => text)).toEqual([
      '“a run” was imported under a new id; another run has its own',
    ]);
  });

  it('says by name what is refused, and does not send an empty file', async () => {
    const { host } = importer(() => {
      throw new UserError('bad-archive', 'not a readable run archive');
    });
    await drop(new File(['x'], 'bad.filigree'));
    await drop(new File([], 'empty.filigree'));
    expect(host.inputs('archives.beginUpload')).toHaveLength(1);
    expect(toasts.value.map(({ text }) => text)).toEqual([
      'bad.filigree: not a readable run archive',
      expect.stringContaining('empty.filigree: it has 0'),
    ]);
  });
});
