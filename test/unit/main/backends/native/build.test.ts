import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildNative } from '../../../../../scripts/build-native.mjs';

describe('building the native kernels', () => {
  let empty: string;
  beforeAll(() => void (empty = mkdtempSync(join(tmpdir(), 'filigree-no-compiler-'))));
  afterAll(() => rmSync(empty, { recursive: true }));

  test('without a compiler the reason names what to install', async () => {
    const built = await buildNative({ quiet: true, env: { PATH: empty, CXX: join(empty, 'c++') } });
    const packages: Partial<Record<NodeJS.Platform, RegExp>> = {
      linux: /No C\+\+ compiler was found: .*sudo apt-get install g\+\+.*sudo dnf install gcc-c\+\+/,
      darwin: /No C\+\+ compiler was found: .*xcode-select --install/,
      win32: /No C\+\+ compiler was found: .*Visual Studio Build Tools.*Desktop development with C\+\+/,
    };
    expect(built).toEqual({ ok: false, reason: expect.stringMatching(packages[process.platform]!) });
  });

  test('a second call finds nothing to do', async () => {
    const first = await buildNative({ quiet: true });
    if (!first.ok) return expect(first.reason).toMatch(/No C\+\+ compiler/);
    const started = performance.now();
    expect(await buildNative({ quiet: true })).toEqual(first);
    expect(performance.now() - started).toBeLessThan(1000);
  }, 300_000);
});
