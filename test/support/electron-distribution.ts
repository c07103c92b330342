import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The marker in an Electron binary behind which its fuses stand: a version, their number, and a digit for each. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
/** As Electron ships: fuses 0 and 7 (RunAsNode, file:// privileges), 2, 3 and 8 on, the rest off. */
export const shippedFuses = '101100011';

/** The version of Electron in the lock file. */
export const electronVersion = (
  createRequire(import.meta.url)('electron/package.json') as { version: string }
).version;

/**
 * Makes a folder that a packager takes for an unpacked Electron for Linux: its files by name, and a program with fuses.
 * @param fuses one digit per fuse, 1 is on
 */
export function makeElectronDistribution(folder: string, fuses = shippedFuses): string {
  const wire = Buffer.from([1, fuses.length, ...Buffer.from(fuses)]);
  const files: Record<string, string | Buffer> = {
    electron: Buffer.concat([Buffer.from(`#!/bin/sh\nexit 0\n# ${sentinel}`), wire, Buffer.from('\n')]),
    'chrome-sandbox': '',
    chrome_crashpad_handler: '',
    'icudtl.dat': '',
    'libffmpeg.so': '',
    LICENSE: 'MIT',
    'LICENSES.chromium.html': '<!doctype html>',
    'locales/de.pak': '',
    'locales/en-US.pak': '',
    'resources.pak': '',
    // An empty archive: a header that says that there are no files.
    'resources/default_app.asar': emptyAsar(),
    version: electronVersion,
  };
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  for (const name of ['electron', 'chrome-sandbox', 'chrome_crashpad_handler'])
    chmodSync(join(folder, name), 0o755);
  return folder;
}

/** A Chromium pickle of a pickle's size, and the pickle: the JSON of the files. */
function emptyAsar(): Buffer {
  const json = Buffer.from('{"files":{}}');
  const header = Buffer.alloc(16 + json.length);
  header.writeUInt32LE(4, 0);
  header.writeUInt32LE(8 + json.length, 4);
  header.writeUInt32LE(4 + json.length, 8);
  header.writeUInt32LE(json.length, 12);
  json.copy(header, 16);
  return header;
}
