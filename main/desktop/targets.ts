import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

/** What the application can be opened with: a place in its window, or the archive of a run. */
export type Target =
  | { kind: 'place'; /** A path of the window's router. */ path: string }
  | {
      kind: 'archive';
      /** Absolute. */ file: string;
      /** A page may have made the link, so the user is asked. */ isLinked: boolean;
    };

/** Links that open the application; registered with the system by electron-builder.yml and `registerLinks`. */
export const linkScheme = 'filigree';
const extension = '.filigree';
const longest = 4000;
const runId = /^\/[0-9A-HJKMNP-TV-Z]{26}$/;

/**
 * Reads a command line, or a part of one that a second start passed on.
 * @param folder the one that relative paths start from
 * @returns the archives and links among the arguments; whatever else is there is not for us
 */
export function targetsOf(args: readonly string[], folder: string): Target[] {
  return args
    .filter((arg) => !arg.startsWith('-'))
    .map((arg) => (arg.startsWith(`${linkScheme}:`) ? readLink(arg) : readFile(resolve(folder, arg))))
    .filter((target) => target !== undefined);
}

/**
 * Reads a link, which anybody may have written: `filigree://run/<id>` shows a run, `filigree://import?file=<path>` offers
 * to import an archive on this computer.
 * @returns undefined for every other one
 */
export function readLink(link: string): Target | undefined {
  if (link.length > longest || !URL.canParse(link)) return undefined;
  const { protocol, host, pathname, searchParams, username, password, port, hash } = new URL(link);
  if (protocol !== `${linkScheme}:` || username || password || port || hash) return undefined;
  if (host === 'run' && runId.test(pathname) && searchParams.size === 0)
    return { kind: 'place', path: `/runs${pathname}` };
  const file = searchParams.get('file');
  if (host !== 'import' || !/^\/?$/.test(pathname) || file === null || searchParams.size !== 1)
    return undefined;
  // Windows would show the credentials of the user to another computer that such a path names.
  if (/^[\\/]{2}/.test(file)) return undefined;
  const found = readFile(file);
  return found && { ...found, isLinked: true };
}

/**
 * @param path as the system or a command line has it
 * @returns undefined unless it is the absolute path of an archive that is there
 */
export function readFile(path: string): (Target & { kind: 'archive' }) | undefined {
  if (path.length > longest || path.includes('\0')) return undefined;
  if (!isAbsolute(path) || !path.toLowerCase().endsWith(extension)) return undefined;
  const file = resolve(path);
  return isFile(file) ? { kind: 'archive', file, isLinked: false } : undefined;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Not there, not to be read, or a name that no file can have.
    return false;
  }
}
