import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSettings } from '../../../../main/app/settings-file.ts';
import { defaultSettings, type Settings } from '../../../../shared/settings.ts';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'filigree-settings-'))));
afterEach(() => rmSync(root, { recursive: true }));

const path = () => join(root, 'settings.json');
const onDisk = () => JSON.parse(readFileSync(path(), 'utf8')) as Record<string, unknown>;

test('defaults until something is changed; changes stay', async () => {
  const settings = openSettings({ root });
  expect(settings.get()).toEqual(defaultSettings);
  expect(readdirSync(root)).toEqual([]);
  expect(await settings.change({ theme: 'dark' })).toEqual({ ...defaultSettings, theme: 'dark' });
  expect(openSettings({ root }).get().theme).toBe('dark');
  expect(openSettings({ root }).warnings).toEqual([]);
});

test('changes at once all stay, and listeners hear of each', async () => {
  const settings = openSettings({ root });
  const heard: number[] = [];
  const stop = settings.onChange(({ slots }) => heard.push(slots));
  await Promise.all([
    settings.change({ slots: 2 }),
    settings.change({ theme: 'light' }),
    settings.change({ notifications: false }),
  ]);
  stop();
  await settings.change({ slots: 3 });
  expect(heard).toEqual([2, 2, 2]);
  expect(openSettings({ root }).get()).toMatchObject({ slots: 3, theme: 'light', notifications: false });
});

test('undefined leaves a setting as it is', async () => {
  const settings = openSettings({ root });
  await settings.change({ slots: 4, theme: undefined });
  expect(settings.get()).toEqual({ ...defaultSettings, slots: 4 });
});

test.each(['', '{"slots": 2', '[]', 'null', '"dark"', '\0\0\0\0'])(
  'a damaged file (%j) is kept under another name, with a warning',
  async (damaged) => {
    writeFileSync(path(), damaged);
    const settings = openSettings({ root });
    expect(settings.get()).toEqual(defaultSettings);
    expect(settings.warnings).toHaveLength(1);
    const aside = readdirSync(root).find((name) => name.includes('damaged'))!;
    expect(settings.warnings[0]).toContain(aside);
    await settings.change({ slots: 2 });
    expect(readFileSync(join(root, aside), 'utf8')).toBe(damaged);
  },
);

test('one setting that cannot be used takes its default, the others stay', () => {
  writeFileSync(path(), JSON.stringify({ theme: 'pink', slots: 3, engine: { backend: 'quantum' } }));
  const settings = openSettings({ root });
  expect(settings.get()).toEqual({ ...defaultSettings, slots: 3 });
  expect(settings.warnings[0]).toMatch(/theme is "pink"; engine is \{"backend":"quantum"\}/);
  expect(readdirSync(root)).toHaveLength(2);
});

test('what a newer version has written is kept', async () => {
  writeFileSync(path(), JSON.stringify({ slots: 2, hologram: { depth: 3 } }));
  const settings = openSettings({ root });
  expect(settings.warnings).toEqual([]);
  expect(settings.get()).not.toHaveProperty('hologram');
  await settings.change({ theme: 'dark' });
  expect(onDisk()).toMatchObject({ slots: 2, theme: 'dark', hologram: { depth: 3 } });
});

test('a file with __proto__ in it changes no prototype', () => {
  writeFileSync(path(), '{"__proto__": {"slots": 7}, "slots": 2}');
  expect(openSettings({ root }).get().slots).toBe(2);
  expect(({} as Partial<Settings>).slots).toBeUndefined();
});

test('a change that cannot be written changes nothing', async () => {
  const settings = openSettings({ root: join(root, 'gone') });
  await expect(settings.change({ slots: 5 })).rejects.toThrow();
  expect(settings.get().slots).toBe(1);
});
