import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppUpdater } from 'electron-updater';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { daily, Updates, whyNoUpdates } from '../../../../main/desktop/updater.ts';
import type { UpdateState } from '../../../../shared/updates.ts';

vi.mock('electron', () => ({ app: {} }));

describe('an installation', () => {
  let resources: string;
  beforeEach(() => (resources = mkdtempSync(join(tmpdir(), 'filigree-updates-'))));
  afterEach(() => rmSync(resources, { recursive: true }));

  const why = (platform: NodeJS.Platform, isPackaged = true, env = {}) =>
    whyNoUpdates({ isPackaged, platform, env, resources });

  it('updates itself when it has a feed', () => {
    writeFileSync(join(resources, 'app-update.yml'), 'provider: github');
    expect(why('win32')).toBeUndefined();
    expect(why('darwin')).toBeUndefined();
    expect(why('linux', true, { APPIMAGE: '/home/a/filigree.AppImage' })).toBeUndefined();
  });

  it('says why it does not: from sources, as a package of the system, unsigned', () => {
    expect(why('win32')).toMatch(/signed/);
    expect(why('linux', true, { APPIMAGE: '/home/a/filigree.AppImage' })).toMatch(/signed/);
    writeFileSync(join(resources, 'app-update.yml'), 'provider: github');
    expect(why('linux')).toMatch(/package of the system/);
    expect(why('darwin', false)).toMatch(/development/);
  });
});

/** electron-updater's updater, with a newer version behind it or not. */
function standIn(newest: string | undefined) {
  const updater = Object.assign(new EventEmitter(), {
    autoDownload: true,
    autoInstallOnAppQuit: false,
    checkForUpdates: vi.fn(async () => ({
      isUpdateAvailable: newest !== undefined,
      updateInfo: { version: newest ?? '0.1.0' },
    })),
    downloadUpdate: vi.fn(async () => {
      updater.emit('download-progress', { percent: 40 });
      return ['/tmp/installer'];
    }),
  });
  const load = vi.fn(async () => updater as unknown as AppUpdater);
  return { updater, load };
}

function watched(updates: Updates): UpdateState[] {
  const states: UpdateState[] = [];
  updates.onChange = (state) => states.push(state);
  return states;
}

describe('updates', () => {
  it('are looked for, and nothing is downloaded unasked', async () => {
    const { updater, load } = standIn('0.2.0');
    const updates = new Updates(undefined, load);
    expect(load).not.toHaveBeenCalled();
    expect(await updates.check()).toEqual({ state: 'available', version: '0.2.0' });
    expect([updater.autoDownload, updater.downloadUpdate.mock.calls.length]).toEqual([false, 0]);
    expect(await new Updates(undefined, standIn(undefined).load).check()).toEqual({ state: 'current' });
  });

  it('are downloaded when asked for, once, and installed when the application quits', async () => {
    const { updater, load } = standIn('0.2.0');
    const updates = new Updates(undefined, load);
    await expect(updates.download()).rejects.toThrow('look for one first');
    await updates.check();
    const states = watched(updates);
    const downloaded = updates.download();
    await expect(updates.download()).rejects.toThrow('no newer version');
    expect(await downloaded).toEqual({ state: 'ready', version: '0.2.0' });
    expect(states).toEqual([
      { state: 'downloading', version: '0.2.0', fraction: 0 },
      { state: 'downloading', version: '0.2.0', fraction: 0.4 },
      { state: 'ready', version: '0.2.0' },
    ]);
    expect(updater.autoInstallOnAppQuit).toBe(true);
    await updates.check();
    expect([updater.checkForUpdates.mock.calls.length, load.mock.calls.length]).toEqual([1, 1]);
  });

  it('that fail say why in one line, and can be tried again', async () => {
    const { updater, load } = standIn('0.2.0');
    const updates = new Updates(undefined, load);
    updater.checkForUpdates.mockRejectedValueOnce(
      new Error('net::ERR_NAME_NOT_RESOLVED\nHeaders: {}\n at x'),
    );
    expect(await updates.check()).toEqual({ state: 'failed', reason: 'net::ERR_NAME_NOT_RESOLVED' });
    expect(await updates.check()).toMatchObject({ state: 'available' });
    updater.downloadUpdate.mockRejectedValueOnce(new Error('sha512 checksum mismatch'));
    expect(await updates.download()).toEqual({ state: 'failed', reason: 'sha512 checksum mismatch' });
    expect(updater.listenerCount('download-progress')).toBe(0);
  });

  it('are never looked for where they cannot be installed', async () => {
    const { load } = standIn('0.2.0');
    const updates = new Updates('built from sources', load);
    const unsupported = { state: 'unsupported', reason: 'built from sources' };
    expect([updates.get(), await updates.check()]).toEqual([unsupported, unsupported]);
    await expect(updates.download()).rejects.toThrow('no newer version');
    expect(load).not.toHaveBeenCalled();
  });
});

it('the daily look begins when it is switched on, and ends when it is switched off', () => {
  vi.useFakeTimers();
  try {
    const check = vi.fn();
    const follow = daily(check);
    follow(false);
    vi.advanceTimersByTime(48 * 3_600_000);
    expect(check).not.toHaveBeenCalled();
    follow(true);
    follow(true);
    expect(check).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(48 * 3_600_000);
    expect(check).toHaveBeenCalledTimes(3);
    follow(false);
    vi.advanceTimersByTime(48 * 3_600_000);
    expect(check).toHaveBeenCalledTimes(3);
  } finally {
    vi.useRealTimers();
  }
});
