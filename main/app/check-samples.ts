import { parseValues } from '../../shared/fields.ts';
import type { Choice } from '../../shared/run.ts';
import { datasetById } from '../datasets/registry.ts';
import type { Samples } from '../exporters/exporter.ts';
import { checkSize } from '../exporters/inference.ts';
import type { Graph } from '../models/graph.ts';

/**
 * The first test samples of a run's data set, for the self-check of an export. Nothing is downloaded.
 * @returns undefined where the data cannot be read here, or are of another shape than the network takes
 */
export async function checkSamples(
  { id, values }: Choice,
  { input }: Graph,
  dataFolder: string,
): Promise<Samples | undefined> {
  try {
    const source = datasetById(id);
    const environment = { dataFolder, allowDownload: false };
    const { title, shape, test } = await source.load(
      parseValues(source.fields, values, 'dataset'),
      environment,
    );
    if (shape.join() !== input.shape.join()) return undefined;
    const size = Math.min(checkSize, test.count);
    const features = shape.reduce((a, b) => a * b, 1);
    const samples = Float32Array.from(test.samples.subarray(0, size * features));
    return { values: samples, size, source: `test samples of ${title}` };
  } catch {
    return undefined;
  }
}
