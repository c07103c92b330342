import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { UserError, show } from '../../shared/errors.ts';
import type { LoadEnvironment } from './dataset.ts';
import { download } from './download.ts';

/** A file of a published data set and how to recognise it. */
export interface PublishedFile {
  name: string;
  /** Accepted SHA-256 digests, of the file as it is or of its decompressed content. */
  sha256: readonly string[];
}

export interface PublishedFiles {
  /** Registry id of the data set; names its sub-folder of the data folder. */
  id: string;
  /** What a download fetches. */
  files: readonly PublishedFile[];
  /** Base addresses, tried in order; a file's name is appended. */
  mirrors: readonly string[];
  /** Other complete sets of relative paths under which a folder may hold the same data. */
  otherLayouts?: readonly (readonly string[])[];
  /** Folders of the operating system's packages. */
  systemFolders?: readonly string[];
}

export interface LocatedFiles {
  folder: string;
  /** Paths of one complete layout. */
  paths: readonly string[];
}

export const folderField = {
  type: 'text',
  label: 'Folder',
  default: '',
  help: 'Where the files are. Empty: the data folder, then system packages, then a download into the data folder.',
} as const;

/**
 * Finds the files of a data set: in `folder` if one is given; otherwise in the data folder, in the system's packages,
 * or by downloading what is missing into the data folder.
 * @throws UserError `no-data` saying where the files were looked for and how to put them there
 */
export async function locateFiles(
  published: PublishedFiles,
  folder: string,
  environment: LoadEnvironment,
): Promise<LocatedFiles> {
  const names = published.files.map((file) => file.name);
  if (folder !== '') existingFolder(folder);
  const found = findFiles(published, folder, environment.dataFolder);
  if (found) return found;
  if (folder !== '') {
    const missing = names.filter((name) => !existsSync(join(folder, name)));
    throw new UserError(
      'no-data',
      `dataset.folder: ${show(folder)} lacks ${missing.join(', ')}; expected a folder with ${names.join(', ')}`,
      'dataset.folder',
    );
  }
  const [own, ...others] = placesOf(published, folder, environment.dataFolder);
  if (!environment.allowDownload) {
    throw new UserError(
      'no-data',
      `${published.id} was not found in ${[own, ...others].join(' or ')}, and downloads are off. ` +
        `Allow the download, or put ${names.join(', ')} from ${published.mirrors[0]} into ${own}`,
      'dataset.folder',
    );
  }
  await mkdir(own, { recursive: true });
  for (const [i, file] of published.files.entries()) {
    const target = join(own, file.name);
    const urls = published.mirrors.map((mirror) => mirror + file.name);
    const onBytes = (received: number, total: number | undefined) =>
      environment.onProgress?.({
        text: `downloading ${file.name}${names.length > 1 ? ` (${i + 1} of ${names.length})` : ''}, ${megabytes(received)}`,
        fraction: total && (i + received / total) / names.length,
      });
    await download(
      { name: file.name, urls, target, isGenuine: (bytes) => isGenuine(file, bytes), onBytes },
      environment.signal,
    );
  }
  return { folder: own, paths: names.map((name) => join(own, name)) };
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** The files where they lie, by their names; undefined where a download or another folder is needed. */
export function findFiles(
  published: PublishedFiles,
  folder: string,
  dataFolder: string,
): LocatedFiles | undefined {
  for (const place of placesOf(published, folder, dataFolder)) {
    const found = layoutIn(resolve(place), published);
    if (found) return found;
  }
  return undefined;
}

const placesOf = ({ id, systemFolders = [] }: PublishedFiles, folder: string, dataFolder: string) =>
  folder !== '' ? [folder] : [join(dataFolder, id), ...systemFolders];

function layoutIn(folder: string, { files, otherLayouts = [] }: PublishedFiles): LocatedFiles | undefined {
  for (const layout of [files.map((file) => file.name), ...otherLayouts]) {
    const paths = layout.map((name) => join(folder, name));
    if (paths.every((path) => existsSync(path))) return { folder, paths };
  }
  return undefined;
}

/**
 * The absolute path of a folder that the user named.
 * @throws UserError `no-data` when there is no such folder
 */
export function existingFolder(folder: string): string {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UserError(
      'no-data',
      `dataset.folder: ${show(folder)} is not an existing folder`,
      'dataset.folder',
    );
  }
  return resolve(folder);
}

/** A file as it lies on disk, and its content: decompressed when the name ends in `.gz`, the same bytes otherwise. */
export interface FileContent {
  bytes: Buffer;
  content: Buffer;
}

/**
 * Reads a file and decompresses it. The content of a truncated file ends early: the caller knows the size to expect.
 * @param maxBytes refuses content that decompresses to more
 * @throws UserError `bad-data` naming a file that is no gzip file or is damaged
 */
export async function readContent(path: string, name: string, maxBytes: number): Promise<FileContent> {
  const bytes = await readFile(path);
  return { bytes, content: name.endsWith('.gz') ? await decompress(bytes, name, maxBytes) : bytes };
}

async function decompress(bytes: Buffer, name: string, maxBytes: number): Promise<Buffer> {
  if (bytes.length >= 2 && bytes.readUInt16BE(0) !== 0x1f8b) {
    throw new UserError(
      'bad-data',
      `${name} is not a gzip file: it starts with ${show(bytes.toString('latin1', 0, 16))}, expected the bytes 1f 8b`,
    );
  }
  try {
    // With this flush mode a file that ends early yields what it has instead of an error without sizes.
    return await promisify(gunzip)(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: maxBytes });
  } catch (cause) {
    throw new UserError(
      'bad-data',
      `${name} is damaged (${(cause as Error).message}); expected a valid gzip file of at most ${maxBytes} bytes of content`,
      undefined,
      { cause },
    );
  }
}

/**
 * Refuses a file that is not the published one.
 * @returns which of the accepted digests it has: all files of a set must be of the same edition
 * @throws UserError `bad-data` naming the file, its digest and the expected one
 */
export function requireGenuine(file: PublishedFile, { bytes, content }: FileContent): number {
  const digest = sha256(content);
  const edition = Math.max(file.sha256.indexOf(digest), file.sha256.indexOf(sha256(bytes)));
  if (edition >= 0) return edition;
  throw new UserError(
    'bad-data',
    `${file.name} is not the published file: the SHA-256 of its content is ${digest}, expected ${file.sha256[0]}; ` +
      'delete it to have it downloaded again',
  );
}

/** Room for the largest published archive; a download claiming to decompress to more is not genuine. */
const maxArchiveBytes = 512 * 1024 * 1024;

async function isGenuine(file: PublishedFile, bytes: Buffer): Promise<boolean> {
  if (file.sha256.includes(sha256(bytes))) return true;
  const content = await decompress(bytes, file.name, maxArchiveBytes).catch(() => undefined);
  return content !== undefined && file.sha256.includes(sha256(content));
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
