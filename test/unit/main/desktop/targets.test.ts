import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readFile, readLink, targetsOf } from '../../../../main/desktop/targets.ts';

const folder = mkdtempSync(join(tmpdir(), 'filigree-targets-'));
const archive = join(folder, 'a run.filigree');
writeFileSync(archive, '');
writeFileSync(join(folder, 'secret.txt'), '');
mkdirSync(join(folder, 'folder.filigree'));
afterAll(() => rmSync(folder, { recursive: true }));

const id = '01M7ZK7648WW96PB4VJPX2D9XF';

describe('files', () => {
  it('are archives that are there', () => {
    expect(readFile(archive)).toEqual({ kind: 'archive', file: archive, isLinked: false });
    for (const other of ['missing.filigree', 'secret.txt', 'folder.filigree', 'a run.filigree\0.txt']) {
      expect(readFile(join(folder, other)), other).toBeUndefined();
    }
  });
});

describe('a command line', () => {
  it('names archives relative to where it was typed, links, and what is not for us', () => {
    const args = [
      '--workspace=/x',
      '--flag',
      'a run.filigree',
      'secret.txt',
      `filigree://run/${id}`,
      '-w',
      folder,
    ];
    expect(targetsOf(args, folder)).toEqual([
      { kind: 'archive', file: archive, isLinked: false },
      { kind: 'place', path: `/runs/${id}` },
    ]);
  });
});

describe('links', () => {
  const importing = (file: string) => `filigree://import?file=${encodeURIComponent(file)}`;

  it('show a run, or offer an archive', () => {
    expect(readLink(`filigree://run/${id}`)).toEqual({ kind: 'place', path: `/runs/${id}` });
    const linked = { kind: 'archive', file: archive, isLinked: true };
    expect(readLink(importing(archive))).toEqual(linked);
    // As browsers write it.
    expect(readLink(importing(archive).replace('import?', 'import/?'))).toEqual(linked);
  });

  it('do not make Windows look at another computer, which would be shown the credentials of the user', () => {
    // The path of an archive that is there, written as one on a computer named like the first folder.
    expect(readFile(`/${archive}`)).toMatchObject({ kind: 'archive' });
    expect(readLink(importing(`/${archive}`))).toBeUndefined();
  });

  it('that anybody else may have written do nothing', () => {
    const hostile = [
      'filigree://',
      'filigree:run/' + id,
      `https://run/${id}`,
      `filigree://run/${id}/masks`,
      `filigree://run/${id}#/settings`,
      `filigree://run/${id}?x=1`,
      `filigree://user@run/${id}`,
      `filigree://run:80/${id}`,
      `filigree://run/${id.toLowerCase()}`,
      'filigree://run/..%2f..%2fsettings',
      'filigree://run/../settings',
      'filigree://run/javascript:alert(1)',
      'filigree://settings',
      'filigree://import',
      'filigree://import?file=',
      importing('a run.filigree'),
      importing(join(folder, 'secret.txt')),
      importing('/etc/passwd'),
      importing(`${folder}/x/../secret.txt`),
      importing('\\\\evil.example\\share\\a.filigree'),
      importing('//evil.example/a.filigree'),
      importing('https://evil.example/a.filigree'),
      importing(`file://${archive}`),
      `${importing(archive)}&overwrite=true`,
      `${importing(archive)}&file=${archive}`,
      `filigree://import/x?file=${archive}`,
      importing(`/${'x'.repeat(300)}.filigree`),
      importing(join(archive, 'inside.filigree')),
      `${importing(archive)}#${'x'.repeat(5000)}`,
      `filigree://run/${'0'.repeat(5000)}`,
    ];
    for (const link of hostile) expect(readLink(link), link.slice(0, 100)).toBeUndefined();
  });
});
