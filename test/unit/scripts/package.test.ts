import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Arch } from 'electron-builder';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { releaseFlags } from '../../../scripts/package.mjs';
import { afterPack, beforePack, wrongFuses } from '../../../scripts/package-hooks.mjs';
import { makeElectronDistribution } from '../../support/electron-distribution.ts';

describe('what a release decides', () => {
  const flags = (platform: string, env: Record<string, string>, installers = true) =>
    releaseFlags({ env, platform, arch: 'arm64', installers });
  const publisher = { FILIGREE_MAINTAINER: 'A B <a@b.example>', FILIGREE_HOMEPAGE: 'https://b.example' };

  it('is who makes it and where it lives: without them there is no .deb', () => {
    expect(flags('linux', {}).problem).toContain('FILIGREE_MAINTAINER');
    expect(flags('linux', { FILIGREE_HOMEPAGE: 'https://b.example' }).problem).toContain(
      'FILIGREE_MAINTAINER',
    );
    expect(flags('linux', {}, false)).toEqual({ flags: [] });
    expect(flags('win32', {})).toEqual({ flags: [] });
    expect(flags('linux', publisher).flags).toEqual([
      '-c.linux.maintainer=A B <a@b.example>',
      '-c.extraMetadata.homepage=https://b.example',
    ]);
  });

  it('is where newer versions are looked for; Macs of both kinds have a file each', () => {
    const feed = ['-c.publish.provider=github', '-c.publish.owner=o', '-c.publish.repo=r'];
    expect(flags('win32', { FILIGREE_UPDATES: 'o/r' }).flags).toEqual(feed);
    expect(flags('darwin', { FILIGREE_UPDATES: 'o/r', CSC_LINK: 'x' }).flags).toEqual([
      ...feed,
      '-c.publish.channel=latest-arm64',
    ]);
  });

  it('is whether it is signed: the hardened runtime starts nothing that is not', () => {
    expect(flags('darwin', {}).flags).toEqual(['-c.mac.hardenedRuntime=false']);
    expect(flags('darwin', { CSC_LINK: '' }).flags).toEqual(['-c.mac.hardenedRuntime=false']);
    expect(flags('darwin', { CSC_LINK: 'certificate' }).flags).toEqual([]);
  });
});

it('a package is made on its own kind of machine', () => {
  const here = Arch[process.arch as 'x64'];
  expect(() => beforePack({ electronPlatformName: process.platform, arch: here })).not.toThrow();
  const other = here === Arch.x64 ? Arch.arm64 : Arch.x64;
  expect(() => beforePack({ electronPlatformName: process.platform, arch: other })).toThrow(Arch[other]);
  expect(() => beforePack({ electronPlatformName: 'sunos', arch: here })).toThrow('sunos-');
});

describe('fuses', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'filigree-fuses-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const seal = (fuses?: string) => {
    makeElectronDistribution(folder, fuses);
    copyFileSync(join(folder, 'electron'), join(folder, 'filigree'));
    const packager = { appInfo: { productFilename: 'Filigree' }, executableName: 'filigree' };
    return afterPack({ appOutDir: folder, electronPlatformName: 'linux', packager });
  };

  it('are as Electron ships them before, and as decided after', async () => {
    await seal();
    expect(await wrongFuses(join(folder, 'electron'))).toEqual([
      'RunAsNode',
      'EnableCookieEncryption',
      'EnableNodeOptionsEnvironmentVariable',
      'EnableNodeCliInspectArguments',
      'EnableEmbeddedAsarIntegrityValidation',
      'OnlyLoadAppFromAsar',
      'GrantFileProtocolExtraPrivileges',
    ]);
    expect(await wrongFuses(join(folder, 'filigree'))).toEqual([]);
  });

  it('that nobody has decided on, or that are missing, stop the package', async () => {
    await expect(seal('1011000111')).rejects.toThrow('strictlyRequireAllFuses');
    await expect(seal('10110001')).rejects.toThrow('WasmTrapHandlers');
  });
});
