import { rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { UserError, show } from '../../../shared/errors.ts';
import { parseValues } from '../../../shared/fields.ts';
import type { Choice } from '../../../shared/run.ts';
import { datasetById, datasets } from '../../datasets/registry.ts';
import type { HostContext } from '../context.ts';
import { listDatasets } from '../dataset-catalog.ts';
import type { Handlers } from '../dispatch.ts';
import { filesBelow } from '../folder-size.ts';

type DatasetCall = Extract<keyof Handlers, `datasets.${string}`>;

/** A page of a data set that is in memory comes sooner; reading a folder of images is worth a progress bar, milliseconds. */
const quietMs = 1000;

export function datasetsHandlers({ workspace, settings, tasks }: HostContext): Pick<Handlers, DatasetCall> {
  const dataFolder = workspace.data;
  /** Task ids by data set. */
  const downloads = new Map<string, string>();

  function requireFree(name: string): void {
    const taken = [
      ...datasets.flatMap(({ id, title }) => [id, title]),
      ...settings.get().imports.map((known) => known.name),
    ];
    if (taken.some((other) => other.toLowerCase() === name.toLowerCase())) {
      throw new UserError(
        'name-taken',
        `name: there is a data set ${show(name)} already; choose another`,
        'name',
      );
    }
  }

  return {
    'datasets.list': () => listDatasets(dataFolder, settings.get().imports),

    'datasets.preview'({ dataset, split, offset, count, label }) {
      const request = { dataset: checked(dataset), dataFolder, split, offset, count, label };
      const { title } = datasetById(dataset.id);
      return tasks.track(
        { kind: 'import', title: `Reading ${title}` },
        (options) => tasks.run('previewDataset', request, options),
        quietMs,
      ).done;
    },

    'datasets.download'({ id }) {
      const source = datasetById(id);
      if (!source.downloadable) {
        throw new UserError(
          'not-downloadable',
          `id: ${source.title} is not a data set that is downloaded`,
          'id',
        );
      }
      const running = downloads.get(id);
      if (running) return { taskId: running };
      const task = tasks.track(
        { kind: 'download', title: `Downloading ${source.title}` },
        async (options) => {
          try {
            await tasks.run('fetchDataset', { dataset: { id, values: {} }, dataFolder }, options);
          } finally {
            downloads.delete(id);
            if (options.signal?.aborted) await removeParts(join(dataFolder, id));
          }
        },
      );
      downloads.set(id, task.id);
      // The task's events tell how it ended.
      task.done.catch(() => {});
      return { taskId: task.id };
    },

    async 'datasets.import'({ name, dataset }) {
      requireFree(name);
      const choice = checked(dataset);
      const { folder } = choice.values;
      if (folder !== '' && !isAbsolute(String(folder))) {
        throw new UserError(
          'bad-path',
          `dataset.folder: ${show(folder)} is not an absolute path`,
          'dataset.folder',
        );
      }
      const { done } = tasks.track({ kind: 'import', title: `Reading ${name}` }, (options) =>
        tasks.run(
          'previewDataset',
          { dataset: choice, dataFolder, split: 'train', offset: 0, count: 60 },
          options,
        ),
      );
      const preview = await done;
      // Another window may have taken the name while this was loading.
      requireFree(name);
      await settings.change({ imports: [...settings.get().imports, { name, dataset: choice }] });
      return preview;
    },

    async 'datasets.forget'({ name }) {
      const { imports } = settings.get();
      const others = imports.filter((known) => known.name !== name);
      if (others.length === imports.length) {
        throw new UserError('unknown-import', `name: there is no import ${show(name)}`, 'name');
      }
      await settings.change({ imports: others });
    },
  };
}

/** @throws UserError naming the setting of the data set that is wrong */
function checked({ id, values }: { id: string; values: Record<string, unknown> }): Choice {
  return { id, values: parseValues(datasetById(id).fields, values, 'dataset') };
}

/** What a cancelled download has begun. */
async function removeParts(folder: string): Promise<void> {
  for (const { path } of await filesBelow(folder))
    if (path.endsWith('.part')) await rm(path, { force: true });
}
