import { statSync } from 'node:fs';
import type { DatasetPreview } from '../../../shared/dataset-info.ts';
import { parseValues } from '../../../shared/fields.ts';
import type { Choice } from '../../../shared/run.ts';
import type { Dataset, DatasetOutline, Split } from '../../datasets/dataset.ts';
import { datasetById } from '../../datasets/registry.ts';
import type { ReportProgress } from './index.ts';

export interface DatasetRequest {
  dataset: Choice;
  dataFolder: string;
  /** When what lies at its place was last changed: sets a later question apart from an earlier one. */
  changedMs?: number;
}

export interface PreviewRequest extends DatasetRequest {
  split: 'train' | 'test';
  offset: number;
  count: number;
  /** Only samples of this class. */
  label?: number;
}

/** Shape and sizes, with as little reading as the source allows. */
export async function outlineDataset(
  request: DatasetRequest,
  onProgress: ReportProgress,
): Promise<DatasetOutline> {
  const source = datasetById(request.dataset.id);
  const values = parseValues(source.fields, request.dataset.values, 'dataset');
  const known =
    source.outline?.(values) ??
    (await source.survey?.(values, { dataFolder: request.dataFolder, allowDownload: false, onProgress }));
  if (known) return known;
  const { shape, classNames, train, test } = await loaded(request, onProgress);
  return { shape, classes: classNames.length, trainCount: train.count, testCount: test.count };
}

/** Loads what is missing from the network, and everything once, so that damage shows now and not in a run. */
export async function fetchDataset(
  { dataset, dataFolder }: DatasetRequest,
  onProgress: ReportProgress,
): Promise<{ origin: string }> {
  const source = datasetById(dataset.id);
  const values = parseValues(source.fields, dataset.values, 'dataset');
  const { origin } = await source.load(values, { dataFolder, allowDownload: true, onProgress });
  return { origin };
}

export async function previewDataset(
  request: PreviewRequest,
  onProgress: ReportProgress,
): Promise<DatasetPreview> {
  const dataset = await loaded(request, onProgress);
  const split = dataset[request.split];
  const positions: number[] = [];
  let matching = 0;
  for (let i = 0; i < split.count; i++) {
    if (request.label !== undefined && split.labels[i] !== request.label) continue;
    if (matching >= request.offset && positions.length < request.count) positions.push(i);
    matching++;
  }
  const classCounts = dataset.classNames.map(() => 0);
  for (const label of split.labels) classCounts[label]++;
  return {
    title: dataset.title,
    shape: dataset.shape,
    classNames: dataset.classNames,
    trainCount: dataset.train.count,
    testCount: dataset.test.count,
    classCounts,
    origin: dataset.origin,
    sha256: dataset.sha256,
    samples: samplesAsBytes(split, positions, dataset),
    labels: Int32Array.from(positions, (i) => split.labels[i]),
    indices: Int32Array.from(positions),
    matching,
  };
}

/** The data set that was looked at last stays in memory: its next page comes at once. */
let latest: { key: string; dataset: Promise<Dataset> } | undefined;

function loaded({ dataset, dataFolder }: DatasetRequest, onProgress: ReportProgress): Promise<Dataset> {
  const source = datasetById(dataset.id);
  const values = parseValues(source.fields, dataset.values, 'dataset');
  const place = source.locate(values, dataFolder);
  const changed = place && statSync(place, { throwIfNoEntry: false })?.mtimeMs;
  const key = JSON.stringify([dataset.id, values, dataFolder, place, changed]);
  if (latest?.key !== key) {
    const loading = source.load(values, { dataFolder, allowDownload: false, onProgress });
    loading.catch(() => (latest = undefined));
    latest = { key, dataset: loading };
  }
  return latest.dataset;
}

function samplesAsBytes(split: Split, positions: readonly number[], { shape }: Dataset): Uint8Array {
  const size = shape[0] * shape[1] * shape[2];
  const bytes = new Uint8Array(positions.length * size);
  const { samples } = split;
  if (samples instanceof Uint8Array) {
    positions.forEach((at, i) => bytes.set(samples.subarray(at * size, (at + 1) * size), i * size));
    return bytes;
  }
  for (let feature = 0; feature < size; feature++) {
    let least = Infinity;
    let most = -Infinity;
    for (let at = feature; at < samples.length; at += size) {
      least = Math.min(least, samples[at]);
      most = Math.max(most, samples[at]);
    }
    const scale = most > least ? 255 / (most - least) : 0;
    positions.forEach((at, i) => {
      bytes[i * size + feature] = Math.round((samples[at * size + feature] - least) * scale);
    });
  }
  return bytes;
}
