import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { linked, placeOf, placeOfCuda } from '../../../../../../main/backends/tensorflow/setup/libraries.ts';
import { unpack } from '../../../../../../main/backends/tensorflow/setup/unpack.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'filigree-unpack-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Longer than several chunks, and not compressible to less than one. */
const large = Uint8Array.from({ length: 5e6 }, (_, i) => (i * 2654435761) >>> 13);
const archive = () =>
  zipSync({
    'tensorflow/__init__.py': new TextEncoder().encode('import this'),
    'tensorflow/libtensorflow_cc.so.2': large,
    'tensorflow/python/large.so': [large, { level: 0 }],
    'tensorflow/libtensorflow_framework.so.2': [large.subarray(0, 1000), { level: 0 }],
  });
const target = (name: string) =>
  basename(name).startsWith('libtensorflow') ? join(folder, basename(name)) : undefined;

test('takes the wanted files of an archive and no others', async () => {
  const path = join(folder, 'a.whl');
  writeFileSync(path, archive());
  const fractions: number[] = [];
  expect(await unpack(path, target, (fraction) => fractions.push(fraction))).toBe(2);
  expect(readdirSync(folder).sort()).toEqual([
    'a.whl',
    'libtensorflow_cc.so.2',
    'libtensorflow_framework.so.2',
  ]);
  expect(readFileSync(join(folder, 'libtensorflow_cc.so.2')).equals(large)).toBe(true);
  expect(readFileSync(join(folder, 'libtensorflow_framework.so.2')).equals(large.subarray(0, 1000))).toBe(
    true,
  );
  expect(fractions.length).toBeGreaterThan(3);
  expect(fractions.at(-1)).toBe(1);
});

test('an archive that ends too early is an error', async () => {
  const path = join(folder, 'a.whl');
  writeFileSync(path, archive().subarray(0, 1e6));
  await expect(unpack(path, target, () => undefined)).rejects.toThrow();
});

test('libraries and headers of a wheel and of a C distribution find their places', () => {
  expect(placeOf('tensorflow/libtensorflow_cc.so.2')).toBe('lib/libtensorflow_cc.so.2');
  expect(placeOf('lib/libtensorflow.so.2')).toBe('lib/libtensorflow.so.2');
  expect(placeOf('libtensorflow_framework.2.dylib')).toBe('lib/libtensorflow_framework.2.dylib');
  expect(placeOf('lib/libtensorflow.so.2.9.1')).toBeUndefined();
  expect(placeOf('tensorflow/include/tensorflow/c/eager/c_api.h')).toBe('include/tensorflow/c/eager/c_api.h');
  expect(placeOf('include/tensorflow/c/c_api.h')).toBe('include/tensorflow/c/c_api.h');
  expect(placeOf('tensorflow/include/tsl/platform/ctstring.h')).toBe('include/tsl/platform/ctstring.h');
  expect(placeOf('tensorflow/include/tensorflow/core/framework/op.h')).toBeUndefined();
  expect(placeOf('tensorflow/python/libtensorflow_cc.so.2.py')).toBeUndefined();
  expect(placeOfCuda('nvidia/cudnn/lib/libcudnn.so.9')).toBe('lib/libcudnn.so.9');
  expect(placeOfCuda('nvidia/cudnn/include/cudnn.h')).toBeUndefined();
});

test('the addon is linked with the library and its framework, and only with both', () => {
  const both = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
  expect(linked(['libcudnn.so.9', ...both])).toEqual(both);
  expect(linked(['libtensorflow.so.2', both[1]])).toEqual(['libtensorflow.so.2', both[1]]);
  expect(linked(both.slice(0, 1))).toBeUndefined();
  expect(linked(both.slice(1))).toBeUndefined();
});
