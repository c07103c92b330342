import { expect, test } from 'vitest';
import { describeCatalog } from '../../../../main/app/catalog.ts';
import { parseRunConfig } from '../../../../main/training/config.ts';
import { decodeMessage, encodeMessage } from '../../../../shared/wire.ts';

test('is plain data that a window gets unchanged', () => {
  const catalog = describeCatalog();
  // Settings that are left out, such as a missing paper, do not travel.
  expect(decodeMessage(encodeMessage(catalog) as string)).toEqual(JSON.parse(JSON.stringify(catalog)));
  expect(structuredClone(catalog)).toEqual(catalog);
});

test('every preset is a config that can be trained', () => {
  for (const { config } of describeCatalog().presets) expect(() => parseRunConfig(config)).not.toThrow();
});

test('every exporter has code to load its files, with a place for the path', () => {
  for (const { snippet } of describeCatalog().exporters) {
    expect(['python', 'javascript']).toContain(snippet.language);
    expect(snippet.code.split('{file}')).toHaveLength(2);
  }
});
