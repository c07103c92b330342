import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportModel } from '../../../../main/exporters/export-model.ts';
import type { Exporter } from '../../../../main/exporters/exporter.ts';
import { exporterById, exporters } from '../../../../main/exporters/registry.ts';
import { randomModel, smallGraphs } from '../../../support/trained-models.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'filigree-export-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** At this density many units of the small networks are dead. */
const sparseModel = (family: string) => randomModel(smallGraphs[family](), 4, 0.03);

describe.each(['convnet', 'resnet20'])('a %s without its dead units', (family) => {
  test.each(exporters.map((exporter) => [exporter.id, exporter] as const))('as %s', async (_, exporter) => {
    const model = sparseModel(family);
    const size = model.parameters.reduce((sum, { values }) => sum + values.length, 0);
    // The self-check compares the logits of what was written with those of the whole network.
    for (const transforms of [['shrink'], ['fold-batch-norm', 'shrink']]) {
      const { check } = await exportModel(exporter, model, join(folder, `${transforms.length}`), {
        transforms,
        card(report, written) {
          expect(report.transforms).toEqual(transforms);
          const left = written.parameters.reduce((sum, { values }) => sum + values.length, 0);
          expect(left).toBeLessThan(size);
          return ['', ''];
        },
      });
      if (!exporter.holds) expect(check.forward!.maxDifference).toBeLessThanOrEqual(check.forward!.tolerance);
    }
  });
});

describe('the card', () => {
  test('gets its names together with the export', async () => {
    const path = join(folder, 'model.npz');
    await exportModel(exporterById('npz'), sparseModel('mlp'), path, {
      card: ({ check, files }) => [`# ${check.arrays}`, JSON.stringify(files.map((file) => file.bytes))],
    });
    expect(readdirSync(folder).sort()).toEqual(['model.npz', 'model.npz.card.json', 'model.npz.card.md']);
    expect(readFileSync(`${path}.card.md`, 'utf8')).toBe('# 8');
    expect(JSON.parse(readFileSync(`${path}.card.json`, 'utf8'))).toEqual([readFileSync(path).length]);
  });

  test('is not there if the self-check fails, and neither is the export if the card does', async () => {
    const npz = exporterById('npz');
    const lossy: Exporter = { ...npz, decode: (files) => npz.decode(files).slice(1) };
    const model = sparseModel('mlp');
    const card = (): never => {
      throw new Error('no card');
    };
    const path = join(folder, 'model.npz');
    await expect(exportModel(lossy, model, path, { card: () => ['# card', '{}'] })).rejects.toMatchObject({
      code: 'bad-export',
    });
    await expect(exportModel(npz, model, path, { card })).rejects.toThrow('no card');
    expect(readdirSync(folder)).toEqual([]);
  });
});
