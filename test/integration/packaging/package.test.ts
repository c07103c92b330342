import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, matchesGlob, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extractAll, getRawHeader, listPackage } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeElectronDistribution } from '../../support/electron-distribution.ts';
import { appImageRuntime, findProgram, packagingTools } from '../../support/packaging-tools.ts';
import { startWorkbench } from '../../support/serve.ts';
import { TestSocket } from '../../support/socket.ts';

// `npm run dist` itself on a stand-in for Electron, without a download; then what is in the packages, and whether the
// host code in them trains.
const root = fileURLToPath(new URL('../../..', import.meta.url));
const isHere = process.platform === 'linux' && process.arch === 'x64';
const folder = mkdtempSync(join(tmpdir(), 'filigree-package-'));
const tools = isHere ? packagingTools(folder) : { env: {}, targets: [] };
const output = join(folder, 'package');
const unpacked = join(output, 'linux-unpacked');
const resources = join(unpacked, 'resources');
const archive = join(resources, 'app.asar');
/** The archive and what lies beside it as the folder that Electron shows to the code in it. */
const app = join(folder, 'app');

if (!isHere) console.log('packages are not tested: the test makes them for Linux x64');
else {
  for (const [target, needs] of Object.entries({
    deb: 'dpkg-deb',
    AppImage: 'squashfs-tools, desktop-file-utils',
  }))
    if (!tools.targets.includes(target)) console.log(`no ${target} is tested: it needs ${needs}`);
}

const filesUnder = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)))
    .sort();
const filesInArchive = () =>
  listPackage(archive, { isPack: false })
    .map((path) => path.slice(1))
    .filter((path) => statSync(join(app, path)).isFile())
    .sort();

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!isHere)('the package', () => {
  beforeAll(() => {
    const { targets } = tools;
    const what = targets.length > 0 ? ['dist', '--linux', ...targets] : ['package'];
    const made = spawnSync(
      process.execPath,
      [join(root, 'scripts/run.mjs'), ...what, `-c.directories.output=${output}`, '-c.compression=store'],
      {
        cwd: root,
        encoding: 'utf8',
        env: {
          ...process.env,
          ...tools.env,
          ELECTRON_OVERRIDE_DIST_PATH: makeElectronDistribution(join(folder, 'electron')),
          FILIGREE_MAINTAINER: 'A Tester <tester@example.org>',
          FILIGREE_HOMEPAGE: 'https://example.org/filigree',
        },
      },
    );
    expect(made.status, made.stdout + made.stderr).toBe(0);
    extractAll(archive, app);
  }, 300_000);

  it('holds exactly the files of contents.txt', () => {
    const rules = readFileSync(new URL('contents.txt', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'))
      .map((line) => line.replaceAll('ARCH', `${process.platform}-${process.arch}`))
      .map((line) => ({ glob: line.replace(/^\? /, ''), isOptional: line.startsWith('?') }));
    const files = filesInArchive();
    const isListed = (file: string) => rules.some(({ glob }) => matchesGlob(file, glob));
    expect(files.filter((file) => !isListed(file))).toEqual([]);
    const isThere = (glob: string) => files.some((file) => matchesGlob(file, glob));
    expect(rules.filter(({ glob, isOptional }) => !isOptional && !isThere(glob))).toEqual([]);
    for (const part of ['main', 'preload', 'renderer']) {
      const packed = files.filter((file) => file.startsWith(`out/${part}/`));
      expect(packed).toEqual(filesUnder(join(root, 'out', part)).map((file) => `out/${part}/${file}`));
    }
  });

  it('has its machine code beside the archive, and nothing else, all of it for this platform', () => {
    const outside = filesUnder(`${archive}.unpacked`);
    expect(outside).toEqual(filesInArchive().filter((file) => /\.(node|so)(\.|$)/.test(file)));
    expect(outside).toContain('build/native/filigree.node');
    for (const file of outside) {
      const bytes = readFileSync(join(`${archive}.unpacked`, file));
      expect(bytes.toString('latin1', 1, 4), file).toBe('ELF');
      // The field e_machine of an ELF header: 62 is x86-64.
      expect(bytes.readUInt16LE(18), file).toBe(62);
    }
  });

  it('has the hash of every file in the archive for Electron to check', () => {
    const hashes = (entry: { files?: object; integrity?: { algorithm: string; hash: string } }): string[] =>
      entry.files ? Object.values(entry.files).flatMap(hashes) : [entry.integrity?.algorithm ?? 'none'];
    const all = hashes(getRawHeader(archive).header as never);
    expect(all.length).toBe(filesInArchive().length);
    expect(new Set(all)).toEqual(new Set(['SHA256']));
  });

  it('is no more than the application: no tests, sources, tools, update feed or default page', () => {
    const beside = readdirSync(resources).filter((name) => name !== 'apparmor-profile');
    expect(beside.sort()).toEqual(['LICENSE', 'app.asar', 'app.asar.unpacked', 'licenses']);
    expect(readdirSync(join(resources, 'licenses')).sort()).toEqual([
      'inter.txt',
      'jetbrains-mono.txt',
      'libvips.md',
    ]);
    expect(readdirSync(join(unpacked, 'locales'))).toEqual(['en-US.pak']);
    const { name, main, desktopName, scripts, devDependencies } = JSON.parse(
      readFileSync(join(app, 'package.json'), 'utf8'),
    ) as Record<string, unknown>;
    expect({ name, main, desktopName }).toEqual({
      name: 'filigree',
      main: 'out/main/desktop.js',
      desktopName: 'filigree.desktop',
    });
    expect([scripts, devDependencies]).toEqual([undefined, undefined]);
  });

  it('has all nine fuses set', async () => {
    const wire = (await getCurrentFuseWire(join(unpacked, 'filigree'))) as Record<string, unknown>;
    const states = Object.entries(wire)
      .filter(([key]) => /^\d+$/.test(key))
      .map(([key, state]) => [FuseV1Options[Number(key)], state === FuseState.ENABLE]);
    expect(Object.fromEntries(states)).toEqual({
      RunAsNode: false,
      EnableCookieEncryption: true,
      EnableNodeOptionsEnvironmentVariable: false,
      EnableNodeCliInspectArguments: false,
      EnableEmbeddedAsarIntegrityValidation: true,
      OnlyLoadAppFromAsar: true,
      LoadBrowserProcessSpecificV8Snapshot: false,
      GrantFileProtocolExtraPrivileges: false,
      WasmTrapHandlers: true,
    });
  });

  it('loads every package with machine code', () => {
    const packages = ['better-sqlite3', 'sharp', 'onnxruntime-node'];
    const script = `for (const name of ${JSON.stringify(packages)}) require(name)`;
    const loaded = spawnSync(process.execPath, ['-e', script], { cwd: app, encoding: 'utf8' });
    expect(loaded.status, loaded.stderr).toBe(0);
  });

  it('starts its desktop shell, serves its window there and asks its feed for updates', () => {
    // With a feed, as a release has it, and started as an AppImage, which updates itself.
    writeFileSync(join(folder, 'app-update.yml'), 'provider: github\nowner: nobody\nrepo: nothing\n');
    const start = fileURLToPath(new URL('../../support/start-packaged.mjs', import.meta.url));
    const script = `process.resourcesPath = ${JSON.stringify(folder)}`;
    const started = spawnSync(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(script)}`, start, app, join(folder, 'desktop')],
      { encoding: 'utf8', env: { ...process.env, APPIMAGE: join(folder, 'filigree.AppImage') } },
    );
    expect(started.status, started.stderr).toBe(0);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(JSON.parse(started.stdout)).toEqual({
      page: readFileSync(join(app, 'out/renderer/index.html'), 'utf8'),
      policy: expect.stringContaining("default-src 'none'"),
      version,
      update: { state: 'failed', reason: expect.stringContaining('the stand-in has no network') },
    });
  });

  it('trains ten steps with its own kernels from its command line', () => {
    const flags = ['--epochs', '1', '--batch-size', '1000', '--backend', 'native', '--json'];
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [join(app, 'out/main/cli.js'), 'train', '--workspace', join(folder, 'cli'), ...flags],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({
      type: 'result',
      state: 'finished',
      step: 10,
    });
  });

  it('serves its window to a browser and trains ten steps there', async () => {
    const workbench = await startWorkbench({ command: [join(app, 'out/main/cli.js')] });
    try {
      const page = await fetch(`${workbench.origin}/`);
      expect(await page.text()).toBe(readFileSync(join(app, 'out/renderer/index.html'), 'utf8'));
      const socket = await TestSocket.open(workbench.origin, workbench.token);
      const config = { training: { epochs: 1, batchSize: 1000 }, engine: { backend: 'native' } };
      const answer = await socket.call('runs.create', { config });
      expect(answer).toMatchObject({ ok: true });
      const { id } = (answer as { value: { id: string } }).value;
      const rows = () =>
        socket.received
          .filter(({ event }) => event === 'runs.changed')
          .flatMap(
            ({ payload }) => (payload as { rows: { id: string; state: string; step: number }[] }).rows,
          );
      await socket.until(() => rows().some((row) => row.id === id && /finished|failed|lost/.test(row.state)));
      expect(rows().findLast((row) => row.id === id)).toMatchObject({ state: 'finished', step: 10 });
      socket.close();
    } finally {
      await workbench.close();
    }
  }, 120_000);
});

const desktopEntry = {
  Name: 'Filigree',
  Type: 'Application',
  Terminal: 'false',
  Icon: 'filigree',
  StartupWMClass: 'filigree',
  MimeType: 'application/vnd.filigree.run+zip;x-scheme-handler/filigree;',
  Categories: 'Science;ArtificialIntelligence;',
};

function readDesktopEntry(path: string): Record<string, string> {
  const [head, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  expect(head).toBe('[Desktop Entry]');
  if (findProgram('desktop-file-validate')) {
    const { stdout, status } = spawnSync('desktop-file-validate', [path], { encoding: 'utf8' });
    expect(status, stdout).toBe(0);
  }
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

function expectIcons(folder: string): void {
  const sizes = readdirSync(folder).map((name) => Number(name.split('x')[0]));
  expect(sizes.sort((a, b) => a - b)).toEqual([16, 24, 32, 48, 64, 96, 128, 256, 512, 1024]);
  for (const size of sizes) {
    const png = readFileSync(join(folder, `${size}x${size}`, 'apps', 'filigree.png'));
    // Width and height in the first chunk of a PNG.
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size]);
  }
}

describe.skipIf(!tools.targets.includes('deb'))('the .deb', () => {
  const content = join(folder, 'deb');
  beforeAll(() => {
    const deb = readdirSync(output).find((name) => name.endsWith('.deb'))!;
    expect(deb).toMatch(/^filigree-[\d.]+-amd64\.deb$/);
    execFileSync('dpkg-deb', ['--raw-extract', join(output, deb), content]);
  });

  it('says who made it and what it needs', () => {
    const control = readFileSync(join(content, 'DEBIAN/control'), 'utf8');
    expect(control).toContain('Package: filigree\n');
    expect(control).toContain('Architecture: amd64\n');
    expect(control).toContain('Maintainer: A Tester <tester@example.org>\n');
    expect(control).toContain('Homepage: https://example.org/filigree\n');
    expect(control).toMatch(/^Depends: .*libgtk-3-0.*libnss3/m);
    // Chromium's sandbox works without privileges where AppArmor allows it, which the profile asks for.
    expect(readFileSync(join(content, 'DEBIAN/postinst'), 'utf8')).toContain('apparmor');
  });

  it('installs the same files as the unpacked package', () => {
    expect(filesUnder(join(content, 'opt/Filigree'))).toEqual(filesUnder(unpacked));
  });

  it('opens run archives and filigree:// links, in the sandbox', () => {
    const entry = readDesktopEntry(join(content, 'usr/share/applications/filigree.desktop'));
    expect(entry).toMatchObject({ ...desktopEntry, Exec: '/opt/Filigree/filigree %U' });
    const mime = readFileSync(join(content, 'usr/share/mime/packages/filigree.xml'), 'utf8');
    expect(mime).toContain('type="application/vnd.filigree.run+zip"');
    expect(mime).toContain('<glob pattern="*.filigree"/>');
  });

  it('has icons of every size', () => expectIcons(join(content, 'usr/share/icons/hicolor')));
});

describe.skipIf(!tools.targets.includes('AppImage'))('the AppImage', () => {
  const content = join(folder, 'appimage');
  beforeAll(() => {
    const image = join(
      output,
      readdirSync(output).find((name) => name.endsWith('.AppImage'))!,
    );
    expect(readFileSync(image).toString('latin1', 0, appImageRuntime.length)).toBe(appImageRuntime);
    execFileSync('unsquashfs', ['-q', '-n', '-o', String(appImageRuntime.length), '-d', content, image]);
  });

  it('holds the unpacked package, with an entry that opens archives and links in the sandbox', () => {
    const files = new Set(filesUnder(content));
    expect(
      filesUnder(unpacked).filter((file) => !files.has(file) && !file.endsWith('apparmor-profile')),
    ).toEqual([]);
    const entry = readDesktopEntry(join(content, 'filigree.desktop'));
    expect(entry).toMatchObject({ ...desktopEntry, Exec: 'AppRun %U' });
    expect(existsSync(join(content, 'AppRun'))).toBe(true);
    expectIcons(join(content, 'usr/share/icons/hicolor'));
  });
});
