import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findWindowFile, securityHeaders } from '../../../../main/app/window-files.ts';

let folder: string;
let outside: string;

beforeAll(() => {
  outside = mkdtempSync(join(tmpdir(), 'filigree-window-'));
  folder = join(outside, 'renderer');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  for (const name of ['index.html', 'icon.svg', 'assets/index-B7Vr.js', '.secret.js', 'notes.txt']) {
    writeFileSync(join(folder, name), name);
  }
  writeFileSync(join(outside, 'secret.js'), 'secret');
  mkdirSync(`${folder}-other`);
  writeFileSync(join(`${folder}-other`, 'secret.js'), 'secret');
});
afterAll(() => rmSync(outside, { recursive: true }));

it('finds the files of the window with their types', async () => {
  expect(await findWindowFile('/', folder)).toMatchObject({
    path: join(folder, 'index.html'),
    type: 'text/html; charset=utf-8',
    cacheControl: 'no-cache',
  });
  expect(await findWindowFile('/assets/index-B7Vr.js', folder)).toMatchObject({
    type: 'text/javascript; charset=utf-8',
    cacheControl: 'public, max-age=31536000, immutable',
  });
});

it.each([
  '/../secret.js',
  '/%2e%2e/secret.js',
  '/..%2fsecret.js',
  '/%2e%2e%2fsecret.js',
  '/%2E%2E%2Fsecret.js',
  '/..%5csecret.js',
  '/..\\secret.js',
  '/assets/../../secret.js',
  '/assets/..%2f..%2fsecret.js',
  '/../renderer-other/secret.js',
  '/%252e%252e%252fsecret.js',
  '/....//secret.js',
  '/..;/secret.js',
  '//etc/passwd',
  '/%2fetc%2fpasswd',
  '/etc/passwd',
  '/index.html%00.js',
  '/%c0%ae%c0%ae/secret.js',
  '/%',
  '/C:/secret.js',
  '/.secret.js',
  '/notes.txt',
  '/assets',
  '/assets/',
  '/missing.js',
])('has nothing at %s', async (path) => expect(await findWindowFile(path, folder)).toBeUndefined());

describe('content security policy', () => {
  const policy = Object.fromEntries(
    securityHeaders['Content-Security-Policy'].split('; ').map((part) => part.split(/ (.*)/s)),
  ) as Record<string, string>;

  it('runs only scripts of our own files', () => {
    expect(policy['script-src']).toBe("'self'");
    expect(policy['default-src']).toBe("'none'");
    expect(policy['object-src']).toBe("'none'");
    expect(policy['base-uri']).toBe("'none'");
    expect(policy['frame-ancestors']).toBe("'none'");
  });
});
