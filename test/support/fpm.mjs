// A stand-in for fpm, which electron-builder downloads: makes a .deb of what electron-builder asks for, with dpkg-deb.
// Understands the options that electron-builder gives for a .deb, and refuses others.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const text = { type: 'string' };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    s: { type: 'string', short: 's' },
    t: { type: 'string', short: 't' },
    force: { type: 'boolean' },
    depends: { type: 'string', short: 'd', multiple: true },
    'deb-recommends': { type: 'string', multiple: true },
    'deb-compression': text,
    'deb-priority': text,
    architecture: text,
    'after-install': text,
    'after-remove': text,
    description: text,
    version: text,
    package: text,
    name: text,
    maintainer: text,
    vendor: text,
    url: text,
    license: text,
  },
});
if (values.t !== 'deb') throw new Error(`fpm stand-in: it makes .deb only, not ${values.t}`);

const tree = mkdtempSync(join(tmpdir(), 'fpm-'));
try {
  for (const mapping of positionals) {
    const [source, target] = mapping.split('=');
    const to = join(tree, target);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(source, to, { recursive: true });
  }
  const control = join(tree, 'DEBIAN');
  mkdirSync(control);
  const [synopsis, ...rest] = values.description.split('\n');
  writeFileSync(
    join(control, 'control'),
    [
      `Package: ${values.name}`,
      `Version: ${values.version}`,
      `Architecture: ${values.architecture}`,
      `Maintainer: ${values.maintainer}`,
      `Vendor: ${values.vendor}`,
      `License: ${values.license}`,
      `Homepage: ${values.url}`,
      `Priority: ${values['deb-priority']}`,
      `Depends: ${values.depends.join(', ')}`,
      `Recommends: ${values['deb-recommends'].join(', ')}`,
      `Description: ${synopsis}`,
      ...rest,
      '',
    ].join('\n'),
  );
  for (const [script, option] of [
    ['postinst', 'after-install'],
    ['postrm', 'after-remove'],
  ]) {
    copyFileSync(values[option], join(control, script));
    chmodSync(join(control, script), 0o755);
  }
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', '-Znone', tree, values.package]);
} finally {
  rmSync(tree, { recursive: true });
}
