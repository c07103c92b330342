import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { unzipSync } from 'fflate';
import { crc32, deflateRawSync } from 'node:zlib';

/** A file of a zip that is made by hand; every field of its headers can be a lie. */
export interface RawEntry {
  name: string;
  data: Uint8Array;
  method?: number;
  flags?: number;
  crc?: number;
  compressedBytes?: number;
  bytes?: number;
  attributes?: number;
  madeBy?: number;
  extra?: Uint8Array;
  /** The name in the local header. */
  localName?: string;
  /** Where the directory says that it is. */
  offset?: number;
}

export interface RawEnd {
  count?: number;
  comment?: string;
  disk?: number;
  /** Bytes between the last file and the directory. */
  gap?: number;
}

/** A zip file as the format's specification has it, with whatever lies the entries tell. */
export function rawZip(entries: readonly RawEntry[], end: RawEnd = {}): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const { name, data, method = 8, flags = 0, attributes = 0, madeBy = 20, extra = Buffer.alloc(0) } = entry;
    const content = method === 8 ? deflateRawSync(data) : Buffer.from(data);
    const { crc = crc32(data), compressedBytes = content.length, bytes = data.length } = entry;
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(flags, 2);
    shared.writeUInt16LE(method, 4);
    shared.writeUInt16LE(0x21, 8);
    shared.writeUInt32LE(crc, 10);
    shared.writeUInt32LE(compressedBytes, 14);
    shared.writeUInt32LE(bytes, 18);
    shared.writeUInt16LE(Buffer.byteLength(name, 'latin1'), 22);
    shared.writeUInt16LE(extra.length, 24);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(madeBy, 4);
    central.set(shared, 6);
    central.writeUInt32LE(attributes, 38);
    central.writeUInt32LE(entry.offset ?? at, 42);
    const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), shared]);
    const localName = Buffer.from(entry.localName ?? name, 'latin1');
    local.writeUInt16LE(localName.length, 26);
    const file = Buffer.concat([local, localName, extra, content]);
    files.push(file);
    directory.push(Buffer.concat([central, Buffer.from(name, 'latin1'), extra]));
    at += file.length;
  }
  const gap = Buffer.alloc(end.gap ?? 0);
  const listing = Buffer.concat(directory);
  const last = Buffer.alloc(22);
  last.writeUInt32LE(0x06054b50, 0);
  last.writeUInt16LE(end.disk ?? 0, 4);
  last.writeUInt16LE(end.count ?? entries.length, 8);
  last.writeUInt16LE(end.count ?? entries.length, 10);
  last.writeUInt32LE(listing.length, 12);
  last.writeUInt32LE(at + gap.length, 16);
  last.writeUInt16LE(Buffer.byteLength(end.comment ?? ''), 20);
  return Buffer.concat([...files, gap, listing, last, Buffer.from(end.comment ?? '')]);
}

export type Files = Record<string, Uint8Array>;

export const unpack = (archive: Uint8Array): Files => unzipSync(archive);

export const json = (files: Files, path: string) => JSON.parse(Buffer.from(files[path]).toString());

/** A copy with some JSON files changed in place. */
export function changed(files: Files, changes: Record<string, (value: never) => void>): Files {
  const copy = { ...files };
  for (const [path, change] of Object.entries(changes)) {
    const value = json(files, path);
    change(value as never);
    copy[path] = Buffer.from(JSON.stringify(value));
  }
  return copy;
}

/** An archive of these files whose manifest has their sizes and hashes. */
export function sign(files: Files, manifest: Record<string, unknown> = {}): Buffer {
  const { 'manifest.json': old, ...others } = files;
  const listed = Object.entries(others).map(([path, bytes]) => ({
    ...{ path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
  }));
  const written = { ...JSON.parse(Buffer.from(old).toString()), files: listed, ...manifest };
  return rawZip(
    [...Object.entries(others), ['manifest.json', Buffer.from(JSON.stringify(written))] as const].map(
      ([name, data]) => ({ name, data }),
    ),
  );
}

/** Every file below a folder with its content's hash; the log of SQLite, which its readers touch, is left out. */
export function fingerprint(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => !/sqlite-(wal|shm)$/.test(path));
  return Object.fromEntries(
    files.map((path) => {
      const content = statSync(path).isFile()
        ? createHash('sha256').update(readFileSync(path)).digest('hex')
        : '';
      return [relative(folder, path), content];
    }),
  );
}
