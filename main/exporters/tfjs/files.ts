import { createHash } from 'node:crypto';
import { parse } from 'node:path';
import type { ExportedFile, ReadFiles } from '../exporter.ts';
import type { NamedTensor } from '../trained-model.ts';
import { jsonFile } from '../zip.ts';
import type { KerasLayer } from './topology.ts';

/** Browsers cache files of this size. */
const shardBytes = 4 * 1024 * 1024;

interface Manifest {
  format: 'layers-model';
  generatedBy: string;
  convertedBy: null;
  modelTopology: {
    keras_version: string;
    backend: string;
    model_config: { class_name: 'Functional'; config: { name: string; layers: KerasLayer[] } };
  };
  weightsManifest: [{ paths: string[]; weights: WeightSpec[] }];
  userDefinedMetadata: Record<string, string>;
}

interface WeightSpec {
  name: string;
  shape: readonly number[];
  dtype: 'float32';
}

/**
 * model.json and its shards. A shard's name has the hash of the weights in it, so that a model.json never finds the
 * weights of another export under the names it knows.
 * @param name of model.json
 */
export function encodeFiles(
  name: string,
  { layers, output }: { layers: KerasLayer[]; output: string },
  weights: readonly NamedTensor[],
  metadata: Record<string, string>,
): ExportedFile[] {
  const data = Buffer.concat(weights.map(({ values }) => bytesOf(values)));
  const hash = createHash('sha256').update(data).digest('hex').slice(0, 8);
  const count = Math.max(1, Math.ceil(data.byteLength / shardBytes));
  const shards = Array.from({ length: count }, (_, i) => ({
    name: `${parse(name).name}-${hash}-shard${i + 1}of${count}.bin`,
    chunks: [data.subarray(i * shardBytes, (i + 1) * shardBytes)],
  }));
  const manifest: Manifest = {
    format: 'layers-model',
    generatedBy: 'Filigree',
    convertedBy: null,
    modelTopology: {
      keras_version: '2.13.1',
      backend: 'tensorflow',
      model_config: {
        class_name: 'Functional',
        config: {
          name: 'network',
          layers,
          ...{ input_layers: [['input', 0, 0]], output_layers: [[output, 0, 0]] },
        },
      },
    },
    weightsManifest: [
      {
        paths: shards.map((shard) => shard.name),
        weights: weights.map((weight) => ({ name: weight.name, shape: weight.shape, dtype: 'float32' })),
      },
    ],
    userDefinedMetadata: metadata,
  };
  return [{ name, chunks: [jsonFile(manifest)] }, ...shards];
}

/** @throws Error if a shard is missing, or the shards do not hold what model.json says */
export function readManifest({ main, beside }: ReadFiles) {
  const { format, modelTopology, weightsManifest } = JSON.parse(Buffer.from(main).toString()) as Manifest;
  const [{ paths, weights }] = weightsManifest;
  const data = new Uint8Array(Buffer.concat(paths.map(beside)));
  const wanted = weights.reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
  if (data.byteLength !== wanted)
    throw new Error(`the shards hold ${data.byteLength} bytes instead of ${wanted}`);
  return { format, modelTopology, layers: modelTopology.model_config.config.layers, weights, data };
}

const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
