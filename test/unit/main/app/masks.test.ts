import { afterEach, beforeEach, expect, test } from 'vitest';
import { MaskReader } from '../../../../main/app/masks.ts';
import type { Workspace } from '../../../../main/app/workspace.ts';
import { openWorkspace } from '../../../../main/app/workspace.ts';
import { decodeNpy } from '../../../../main/exporters/npy.ts';
import { unzip } from '../../../../main/exporters/zip.ts';
import { RunStore } from '../../../../main/store/run-store.ts';
import { countOnes, randomMask } from '../../../../main/topology/select.ts';
import { encodeMask } from '../../../../main/topology/snapshot.ts';
import { Random } from '../../../../shared/random.ts';
import { newRun, useFolder } from '../store/helpers.ts';

const folder = useFolder();
let workspace: Workspace;
let store: RunStore;
let masks: MaskReader;
beforeEach(() => {
  workspace = openWorkspace(folder.path);
  store = RunStore.open(workspace.database);
  masks = new MaskReader(store, workspace);
});
afterEach(() => store.close());

function startRun(method = 'rigl'): string {
  const run = newRun();
  run.config.method = { id: method, values: {} };
  const id = store.createRun(run);
  for (const state of ['queued', 'starting', 'running'] as const) store.setState(id, state);
  return id;
}

/** Stores a key frame and differences to the one before. */
function record(id: string, layer: string, rows: number, history: readonly [number, Uint8Array][]): void {
  history.forEach(([step, mask], i) => {
    const before = history[i - 1];
    store.appendFrames(id, [
      {
        type: 'topology',
        step,
        layers: [
          {
            name: layer,
            rows,
            columns: mask.length / rows,
            nnz: countOnes(mask),
            ...encodeMask(mask, before?.[1]),
            ...(before && { baseStep: before[0] }),
          },
        ],
      },
    ]);
  });
}

const unpack = (bits: Uint8Array, size: number) =>
  Uint8Array.from({ length: size }, (_, i) => (bits[i >> 3] >> (i & 7)) & 1);

test('a mask is read as it was at every step, whatever was read before', () => {
  const random = new Random(1);
  const id = startRun();
  // 7 × 11 entries: neither rows nor the whole end at a byte.
  const history = [0, 10, 20, 30].map((step): [number, Uint8Array] => [step, randomMask(77, 30, random)]);
  record(id, 'fc1.weight', 7, history);
  for (const step of [30, 0, 25, 20, 9, 10, 1000, 30]) {
    const [, expected] = history.findLast(([at]) => at <= step)!;
    const { bits, ...rest } = masks.read(id, 'fc1.weight', step);
    expect(unpack(bits, 77)).toEqual(expected);
    expect(rest).toEqual({ step, rows: 7, columns: 11, nnz: 30 });
  }
});

test('masks that a resumed run recorded anew are not mixed up with the ones before', () => {
  const random = new Random(2);
  const id = startRun();
  const draw = () => randomMask(64, 20, random);
  const first = draw();
  record(id, 'fc1.weight', 8, [
    [0, first],
    [10, draw()],
    [20, draw()],
  ]);
  masks.read(id, 'fc1.weight', 20);
  store.truncateFrom(id, 5);
  const again: [number, Uint8Array][] = [
    [10, draw()],
    [20, draw()],
  ];
  record(id, 'fc1.weight', 8, again);
  for (const [step, mask] of again) expect(unpack(masks.read(id, 'fc1.weight', step).bits, 64)).toEqual(mask);
  expect(unpack(masks.read(id, 'fc1.weight', 0).bits, 64)).toEqual(first);
});

test('the list has every layer with its history, shapes as they are known', () => {
  const id = startRun();
  store.setProvenance(id, {
    layers: [
      { name: 'conv1.weight', shape: [4, 2, 3, 3], macs: 5000 },
      { name: 'fc1.weight', shape: [2, 5], macs: 10 },
    ],
  });
  const random = new Random(3);
  record(id, 'fc1.weight', 2, [[0, randomMask(10, 5, random)]]);
  record(id, 'conv1.weight', 4, [
    [0, randomMask(72, 18, random)],
    [50, randomMask(72, 9, random)],
  ]);
  expect(masks.list(id)).toEqual({
    steps: [0, 50],
    layers: [
      {
        ...{ name: 'conv1.weight', shape: [4, 2, 3, 3], rows: 4, columns: 18, macs: 5000 },
        ...{ steps: [0, 50], nnz: [18, 9], targetDensity: 0.25 },
      },
      {
        ...{ name: 'fc1.weight', shape: [2, 5], rows: 2, columns: 5, macs: 10 },
        ...{ steps: [0], nnz: [5], targetDensity: 0.5 },
      },
    ],
  });
});

test.each(['ml-linbreg', 'gmp', 'sgd'])('a layer of %s has no target of its own', (method) => {
  const id = startRun(method);
  record(id, 'fc1.weight', 2, [[0, new Uint8Array(10).fill(1)]]);
  expect(masks.list(id).layers[0]).toMatchObject({ targetDensity: undefined, shape: [2, 5] });
});

test('the .npz file is the CSR matrix of the mask', () => {
  const id = startRun();
  const mask = Uint8Array.of(0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1);
  record(id, 'fc1.weight', 3, [[0, mask]]);
  const { file, bytes } = masks.npz(id, 'fc1.weight', 0);
  expect(file).toBe('fc1.weight-step-0.npz');
  const members = unzip(bytes);
  const array = (name: string) =>
    [...(decodeNpy(name, members[`${name}.npy`]).data as Int32Array)].map(Number);
  expect(array('shape')).toEqual([3, 4]);
  expect(array('indptr')).toEqual([0, 2, 3, 4]);
  expect(array('indices')).toEqual([1, 3, 0, 3]);
  expect(array('data')).toEqual([1, 1, 1, 1]);
});

test('what is not there is said by name', async () => {
  const id = startRun();
  const code = (code: string) => expect.objectContaining({ code });
  expect(() => masks.read(id, 'fc1.weight', 5)).toThrow(code('no-snapshot'));
  expect(() => masks.list('01ARZ3NDEKTSV4RRFFQ69G5FAV')).toThrow(code('unknown-run'));
  expect(masks.list(id)).toEqual({ layers: [], steps: [] });
  await expect(masks.values(id, 'fc1.weight')).rejects.toThrow(code('no-checkpoint'));
});
