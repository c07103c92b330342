import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetInfo } from '../../shared/dataset-info.ts';
import { parseValues } from '../../shared/fields.ts';
import type { Choice } from '../../shared/run.ts';
import type { Settings } from '../../shared/settings.ts';
import type { DatasetOutline } from '../datasets/dataset.ts';
import { datasetById, datasets } from '../datasets/registry.ts';
import type { HostContext } from './context.ts';
import { folderSize } from './folder-size.ts';

/**
 * Shape and sizes of a data set. Those that only its files tell are found in a helper process, once for as long as
 * what lies at its place does not change.
 */
export async function datasetOutline(
  { id, values: raw }: Choice,
  { tasks, workspace }: Pick<HostContext, 'tasks' | 'workspace'>,
): Promise<DatasetOutline> {
  const source = datasetById(id);
  const values = parseValues(source.fields, raw, 'dataset');
  const known = source.outline?.(values);
  if (known) return known;
  const place = source.locate(values, workspace.data);
  const changedMs = place === undefined ? undefined : statSync(place, { throwIfNoEntry: false })?.mtimeMs;
  return tasks.known('outlineDataset', { dataset: { id, values }, dataFolder: workspace.data, changedMs });
}

/** Every data set that can be chosen, and what can be told of it without reading it. */
export async function listDatasets(dataFolder: string, imports: Settings['imports']): Promise<DatasetInfo[]> {
  const own = datasets.map((source) => describe(source.id, { id: source.id, values: {} }, dataFolder));
  const imported = imports.map(({ name, dataset }) => describeImport(name, dataset as Choice, dataFolder));
  return Promise.all([...own, ...imported]);
}

async function describe(name: string, dataset: Choice, dataFolder: string): Promise<DatasetInfo> {
  const source = datasetById(dataset.id);
  const values = parseValues(source.fields, dataset.values, 'dataset');
  const { title, summary, licence } = source;
  const origin = source.locate(values, dataFolder);
  const outline = source.outline?.(values);
  const { bytes } = await folderSize(join(dataFolder, source.id));
  return {
    ...{ name, title, summary, licence, dataset, bytes, imported: false },
    state: origin !== undefined ? 'ready' : source.downloadable ? 'downloadable' : 'needs-folder',
    origin: origin ?? '',
    shape: outline?.shape,
    classes: outline?.classes,
    trainCount: outline?.trainCount,
    testCount: outline?.testCount,
  };
}

/** An import that another version made and this one cannot load is listed with the reason. */
async function describeImport(name: string, dataset: Choice, dataFolder: string): Promise<DatasetInfo> {
  const own = { name, title: name, imported: true, bytes: 0 };
  try {
    return { ...(await describe(name, dataset, dataFolder)), ...own };
  } catch (error) {
    const unknown = { shape: undefined, classes: undefined, trainCount: undefined, testCount: undefined };
    const summary = (error as Error).message;
    return { ...own, ...unknown, summary, dataset, licence: '', state: 'needs-folder', origin: '' };
  }
}
