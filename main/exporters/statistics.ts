import { analyse } from '../models/graph.ts';
import { degrees } from '../topology/statistics.ts';
import { singleFile, type Exporter, type HeldArray } from './exporter.ts';
import type { TrainedModel, TrainedParameter } from './trained-model.ts';

/** What the file says of a weight, column by column, after its name and shape. */
const columns = [
  'parameters',
  'active',
  'density',
  'dead_units',
  'dead_inputs',
  'min_fan_in',
  'max_fan_in',
  'l1_norm',
  'l2_norm',
  'max_magnitude',
  'macs',
  'active_macs',
] as const;

const header = ['weight', 'shape', ...columns].join(',');

export const statistics: Exporter = {
  id: 'statistics',
  title: 'Layer statistics',
  group: 'analysis',
  summary:
    'CSV with one line per linear or convolution weight: shape, parameters, active entries, density, units and ' +
    'inputs without any, fan-in, norms, multiply-accumulates of one sample.',
  extension: '.csv',
  snippet: {
    language: 'python',
    code: `import csv

with open("{file}", newline="") as f:
    layers = list(csv.DictReader(f))
for layer in layers:
    print(f"{layer['weight']:32} {layer['shape']:16} density {float(layer['density']):.4f}")`,
  },
  holds: measure,
  encode(model, name) {
    const lines = measure(model).map((row) => [row.name, row.shape.join('x'), ...row.values].join(','));
    return singleFile(name, Buffer.from(`${[header, ...lines].join('\n')}\n`));
  },
  decode({ main }) {
    const [first, ...lines] = Buffer.from(main).toString().trimEnd().split('\n');
    if (first !== header) throw new Error(`the first line is ${first}`);
    return lines.map((line) => {
      const [name, shape, ...values] = line.split(',');
      return { name, shape: shape.split('x').map(Number), values: Float64Array.from(values, Number) };
    });
  },
};

function measure({ graph, parameters }: TrainedModel): HeldArray[] {
  const macs = new Map(analyse(graph).parameters.map((p) => [p.name, p.macsPerWeight]));
  return parameters
    .filter(({ role }) => role === 'weight')
    .map((parameter) => {
      const row = measureWeight(parameter, macs.get(parameter.name)!);
      return {
        name: parameter.name,
        shape: parameter.shape,
        values: Float64Array.from(columns, (c) => row[c]),
      };
    });
}

function measureWeight(
  { shape, values, mask = new Uint8Array(values.length).fill(1) }: TrainedParameter,
  macsPerWeight: number,
): Record<(typeof columns)[number], number> {
  const fanIn = degrees(mask, shape[0], values.length / shape[0]);
  const active = fanIn.rows.reduce((sum, count) => sum + count, 0);
  return {
    parameters: values.length,
    active,
    density: active / values.length,
    dead_units: fanIn.deadRows,
    dead_inputs: fanIn.deadColumns,
    min_fan_in: fanIn.rows.reduce((least, count) => Math.min(least, count), Infinity),
    max_fan_in: fanIn.rows.reduce((most, count) => Math.max(most, count), 0),
    l1_norm: values.reduce((sum, value) => sum + Math.abs(value), 0),
    l2_norm: Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)),
    max_magnitude: values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    macs: values.length * macsPerWeight,
    active_macs: active * macsPerWeight,
  };
}
