import type { Exporter } from './exporter.ts';
import { encodeFiles, readManifest } from './tfjs/files.ts';
import { tfjsRuntime } from './tfjs/runtime.ts';
import { lowerGraph } from './tfjs/topology.ts';
import { fromKeras, toKeras, weightNames } from './tfjs/weights.ts';
import { describeModel, namedTensors, type NamedTensor } from './trained-model.ts';

export const tfjs: Exporter = {
  id: 'tfjs',
  title: 'TensorFlow.js',
  summary:
    'The whole network, input normalisation included, as a layers model for browsers: a .json file, and shards with ' +
    'the dense weights beside it. Images are channels-last.',
  extension: '.json',
  group: 'framework',
  snippet: {
    language: 'javascript',
    code: `// In a page, where the .json file and its shards are served: tf.loadLayersModel(address). In Node.js:
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const tf = require('@tensorflow/tfjs');

const file = "{file}";
const { modelTopology, weightsManifest } = JSON.parse(readFileSync(file, 'utf8'));
const [{ paths, weights: weightSpecs }] = weightsManifest;
const shards = paths.map((path) => readFileSync(join(dirname(file), path)));
const weightData = new Uint8Array(Buffer.concat(shards)).buffer;
tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData })).then((model) => {
  // Raw samples: the network normalises them itself. Any batch size.
  const [, ...shape] = model.inputs[0].shape;
  const logits = model.predict(tf.zeros([1, ...shape]));
  console.log(shape, '->', logits.shape);
});`,
  },
  encode(model, name) {
    const { constants, ...topology } = lowerGraph(model.graph);
    const tensors = new Map(namedTensors(model).map((tensor) => [tensor.name, tensor]));
    const weights = weightNames(topology.layers).map(({ ours, keras }) => ({
      ...toKeras(tensors.get(ours)!),
      name: keras,
    }));
    return encodeFiles(name, topology, [...constants, ...weights], describeModel(model, 'dense'));
  },
  decode(files) {
    const { layers, weights, data } = readManifest(files);
    const ours = new Map(weightNames(layers).map((names) => [names.keras, names.ours]));
    const tensors: NamedTensor[] = [];
    let at = 0;
    for (const { name, shape } of weights) {
      const length = shape.reduce((a, b) => a * b, 1);
      const values = new Float32Array(data.buffer, at, length);
      at += values.byteLength;
      const known = ours.get(name);
      if (known !== undefined) tensors.push(fromKeras({ name: known, shape, values }));
    }
    return tensors;
  },
  runtime: tfjsRuntime,
};
