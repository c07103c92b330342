import { describe, expect, test } from 'vitest';
import { exporterById } from '../../../../main/exporters/registry.ts';
import type { TrainedModel } from '../../../../main/exporters/trained-model.ts';
import { unzip, zip } from '../../../../main/exporters/zip.ts';
import { decodeSafetensors, encodeSafetensors } from '../../../../shared/safetensors.ts';
import { chain } from '../../../support/graphs.ts';

/** fc.weight = [[0, 2, 0, 0.1], [0, 0, 0, 0], [0, 0, -3, 0*]] with an active zero at *. */
function tinyModel(): TrainedModel {
  const graph = chain([4, 1, 1], 3, [{ name: 'fc', op: { kind: 'linear', outputs: 3, bias: true } }]);
  const values = Float32Array.of(0, 2, 0, 0.1, 0, 0, 0, 0, 0, 0, -3, 0);
  const mask = Uint8Array.of(0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1);
  return {
    graph,
    parameters: [
      { name: 'fc.weight', shape: [3, 4], role: 'weight', values, mask },
      { name: 'fc.bias', shape: [3], role: 'bias', values: Float32Array.of(1e-40, -0, 1.5) },
    ],
    buffers: [],
    provenance: { architecture: 'mlp', seed: '7', configHash: 'abc' },
  };
}

const encode = (id: string, model = tinyModel()) =>
  Buffer.concat(exporterById(id).encode(model, 'm')[0].chunks);
const beside = () => expect.unreachable('these formats have one file');

describe('the layout', () => {
  test('of condensed weights: values and inputs of each unit, and how many there are', () => {
    const { tensors, metadata } = decodeSafetensors(encode('condensed'));
    const of = (name: string) => tensors.find((tensor) => tensor.name === name)!;
    expect(of('fc.weight.values')).toMatchObject({
      shape: [3, 2],
      data: Float32Array.of(2, 0.1, 0, 0, -3, 0),
    });
    expect(of('fc.weight.indices')).toMatchObject({ shape: [3, 2], data: Int32Array.of(1, 3, 0, 0, 2, 3) });
    expect(of('fc.weight.fan_in').data).toEqual(Int32Array.of(2, 0, 2));
    expect(metadata['fc.weight.shape']).toBe('[3,4]');
  });

  test('of condensed weights is dense where a unit has more than half of all inputs', () => {
    const model = tinyModel();
    model.parameters[0].mask![0] = 1;
    const names = decodeSafetensors(encode('condensed', model)).tensors.map(({ name }) => name);
    expect(names.sort()).toEqual(['fc.bias', 'fc.weight']);
  });

  test('of MatrixMarket: column by column, one-based, nine digits', () => {
    const members = unzip(encode('matrix-market'));
    const text = (name: string) => Buffer.from(members[name]).toString();
    expect(text('fc.weight.mtx')).toBe(
      '%%MatrixMarket matrix coordinate real general\n% shape 3 4\n3 4 4\n' +
        '1 2 2\n3 3 -3\n1 4 0.100000001\n3 4 0\n',
    );
    expect(text('fc.bias.mtx')).toBe(
      '%%MatrixMarket matrix array real general\n% shape 3\n3 1\n9.9999461e-41\n-0\n1.5\n',
    );
  });

  test('of statistics: one line per weight', () => {
    const [header, line, end] = encode('statistics').toString().split('\n');
    const entries = Object.fromEntries(header.split(',').map((key, i) => [key, line.split(',')[i]]));
    expect(entries).toMatchObject({
      ...{
        weight: 'fc.weight',
        shape: '3x4',
        parameters: '12',
        active: '4',
        dead_units: '1',
        dead_inputs: '1',
      },
      ...{ min_fan_in: '0', max_fan_in: '2', max_magnitude: '3', macs: '12', active_macs: '4' },
    });
    expect(Number(entries.density)).toBe(4 / 12);
    expect(Number(entries.l1_norm)).toBeCloseTo(5.1, 6);
    expect(Number(entries.l2_norm)).toBeCloseTo(Math.sqrt(13.01), 6);
    expect(end).toBe('');
  });

  test("of masks: booleans of the weight's shape", () => {
    const array = Buffer.from(unzip(encode('masks'))['fc.weight.npy']);
    expect(array.toString('latin1')).toContain("{'descr': '|b1', 'fortran_order': False, 'shape': (3, 4), }");
    expect([...array.subarray(-12)]).toEqual([0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1]);
  });

  test.each(['safetensors', 'safetensors-csr', 'condensed'])('of %s names what the weights are', (id) => {
    const { metadata } = decodeSafetensors(encode(id));
    expect(metadata).toMatchObject({ architecture: 'mlp', seed: '7', configHash: 'abc', format: 'pt' });
    expect(JSON.parse(metadata.densities)).toEqual({ 'fc.weight': 4 / 12 });
    expect(JSON.parse(metadata.graph)).toEqual(tinyModel().graph);
  });
});

test.each([
  ['a shorter list', (text: string) => text.replace('1.5\n', ''), /fc\.bias lists 2 entries/],
  ['a longer list', (text: string) => `${text}1\n`, /fc\.bias lists 4 entries/],
  ['another kind', (text: string) => text.replace('real', 'complex'), /fc\.bias is not one of the matrices/],
  ['another size', (text: string) => text.replace('3 1', '4 1'), /fc\.bias is not one of the matrices/],
])('a MatrixMarket file with %s is not read', (_, damage, why) => {
  const members = unzip(encode('matrix-market'));
  const text = Buffer.from(members['fc.bias.mtx']).toString();
  members['fc.bias.mtx'] = Buffer.from(damage(text));
  expect(() => exporterById('matrix-market').decode({ main: zip(members), beside })).toThrow(why);
});

test('a condensed file with an index beyond the inputs is not read', () => {
  const { tensors, metadata } = decodeSafetensors(encode('condensed'));
  tensors.find(({ name }) => name === 'fc.weight.indices')!.data[1] = 4;
  const main = encodeSafetensors(tensors, metadata);
  expect(() => exporterById('condensed').decode({ main, beside })).toThrow(/fc\.weight has an index 4 of 4/);
});
