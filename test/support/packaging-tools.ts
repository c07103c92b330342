import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What an AppImage begins with here, instead of the program that mounts it. */
export const appImageRuntime = 'a stand-in for the runtime of AppImages';

/** @returns the path of a program of the system; undefined if it is not installed */
export function findProgram(name: string): string | undefined {
  const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/**
 * Environment variables with which electron-builder makes .deb and AppImage files from programs of this system where it
 * would download its own.
 * @param folder an empty one
 * @returns the variables, and the targets that can be made here
 */
export function packagingTools(folder: string): { env: Record<string, string>; targets: string[] } {
  const env: Record<string, string> = {};
  const targets: string[] = [];
  if (findProgram('dpkg-deb')) {
    const fpm = join(folder, 'fpm');
    const script = fileURLToPath(new URL('fpm.mjs', import.meta.url));
    writeFileSync(fpm, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
    chmodSync(fpm, 0o755);
    env.CUSTOM_FPM_PATH = fpm;
    targets.push('deb');
  }
  const [mksquashfs, validate] = ['mksquashfs', 'desktop-file-validate'].map(findProgram);
  if (mksquashfs && validate) {
    const tools = join(folder, 'appimage');
    for (const part of ['runtimes', 'lib/x64']) mkdirSync(join(tools, part), { recursive: true });
    symlinkSync(mksquashfs, join(tools, 'mksquashfs'));
    symlinkSync(validate, join(tools, 'desktop-file-validate'));
    writeFileSync(join(tools, 'runtimes', 'runtime-x64'), appImageRuntime);
    env.APPIMAGE_TOOLS_PATH = tools;
    targets.push('AppImage');
  }
  return { env, targets };
}
