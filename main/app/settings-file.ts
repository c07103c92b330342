import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { show } from '../../shared/errors.ts';
import { defaultSettings, settingsSchema, type Settings } from '../../shared/settings.ts';
import { writeFileAtomic } from '../store/atomic-write.ts';
import type { Workspace } from './workspace.ts';

/** The settings of a workspace, in memory and in its `settings.json`. */
export interface SettingsFile {
  get(): Settings;
  /**
   * Replaces the given settings, on disk first.
   * @throws UserError `disk-full`; nothing changes then
   */
  change(patch: Partial<Settings>): Promise<Settings>;
  /** Calls `listener` after every change; @returns a function that ends it */
  onChange(listener: (settings: Settings) => void): () => void;
  /** What was wrong with the file when it was opened, in sentences for the user. */
  readonly warnings: readonly string[];
}

type Json = Record<string, unknown>;

/**
 * Reads the settings of a workspace. What cannot be used takes its default and the file is kept under another name;
 * settings that this version does not know (a newer one wrote them) are kept as they are.
 */
export function openSettings(workspace: Pick<Workspace, 'root'>): SettingsFile {
  const path = join(workspace.root, 'settings.json');
  const warnings: string[] = [];
  const stored = readStored(path, warnings);
  const listeners = new Set<(settings: Settings) => void>();
  let { settings } = stored;
  let lastWrite: Promise<unknown> = Promise.resolve();

  async function write(patch: Partial<Settings>): Promise<Settings> {
    const next = { ...settings, ...withoutUndefined(patch) };
    await writeFileAtomic(path, Buffer.from(`${JSON.stringify({ ...stored.unknown, ...next }, null, 2)}\n`));
    settings = next;
    for (const listener of listeners) listener(settings);
    return settings;
  }

  return {
    warnings,
    get: () => settings,
    change(patch) {
      // One after the other, so that two changes at once both stay.
      const written = lastWrite.then(() => write(patch));
      lastWrite = written.catch(() => {});
      return written;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const withoutUndefined = (patch: Partial<Settings>): Partial<Settings> =>
  Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));

function readStored(path: string, warnings: string[]): { settings: Settings; unknown: Json } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      warnings.push(`The settings could not be read (${(error as Error).message}); the defaults are used.`);
    return { settings: defaultSettings, unknown: {} };
  }
  const json = parseObject(text);
  if (!json) {
    warnings.push(`The settings in ${path} are damaged; the defaults are used.${setAside(path)}`);
    return { settings: defaultSettings, unknown: {} };
  }
  const settings: Json = { ...defaultSettings };
  const unknown: Json = {};
  const wrong: string[] = [];
  for (const [key, value] of Object.entries(json)) {
    if (!Object.hasOwn(settingsSchema.shape, key)) {
      unknown[key] = value;
      continue;
    }
    const parsed = settingsSchema.shape[key as keyof Settings].safeParse(value);
    if (parsed.success) settings[key] = parsed.data;
    else wrong.push(`${key} is ${show(value)}`);
  }
  if (wrong.length > 0)
    warnings.push(
      `Some settings cannot be used and have their defaults: ${wrong.join('; ')}.${setAside(path)}`,
    );
  return { settings: settings as Settings, unknown };
}

function parseObject(text: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Json) : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the file as it is under another name, so that nothing in it is lost with the next change. */
function setAside(path: string): string {
  const copy = `${path}.damaged-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  try {
    copyFileSync(path, copy);
    return ` What was there is kept in ${copy}.`;
  } catch (error) {
    return ` No copy could be made: ${(error as Error).message}.`;
  }
}
