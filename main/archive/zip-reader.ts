import { open, type FileHandle } from 'node:fs/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { show, UserError } from '../../shared/errors.ts';
import { through } from './through.ts';
import { badArchive, headerBytes, isBomb, limits, methods, nameProblem, signatures } from './zip-format.ts';

export interface ZipEntry {
  name: string;
  bytes: number;
  compressedBytes: number;
  method: number;
  crc: number;
  /** Of the compressed bytes. */
  start: number;
}

/** Read at a time. */
const pieceBytes = 1 << 16;

/**
 * Reads zip files of strangers in bounded memory: every size, name and place is checked from the directory before any
 * content is read, and every byte of content is counted while it is. What our writer does not do is refused.
 */
export class ZipReader {
  readonly entries: readonly ZipEntry[];
  readonly #file: FileHandle;

  private constructor(file: FileHandle, entries: readonly ZipEntry[]) {
    this.#file = file;
    this.entries = entries;
  }

  /** @throws UserError `bad-archive` naming what is wrong, `no-such-file` */
  static async open(path: string): Promise<ZipReader> {
    const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
      throw new UserError('no-such-file', `path: ${show(path)} cannot be read (${error.code})`, 'path');
    });
    try {
      return new ZipReader(file, await readDirectory(file));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * The content of an entry, piece by piece.
   * @throws UserError `bad-archive` as soon as it is more than its header says, and at the end if it is not the same
   */
  async *read(entry: ZipEntry): AsyncGenerator<Uint8Array> {
    const fail = (why: string, cause?: unknown) => badArchive(`${entry.name} ${why}`, cause);
    let bytes = 0;
    let crc = 0;
    const compressed = this.#compressed(entry);
    const inflate = createInflateRaw();
    const isDeflated = entry.method === methods.deflated;
    try {
      for await (const chunk of isDeflated ? through(compressed, inflate) : compressed) {
        bytes += chunk.byteLength;
        if (bytes > entry.bytes)
          throw fail(`holds more than the ${entry.bytes} bytes that its header declares`);
        crc = crc32(chunk, crc);
        yield chunk;
      }
    } catch (error) {
      throw error instanceof UserError ? error : fail('cannot be decompressed', error);
    }
    if (bytes !== entry.bytes) throw fail(`holds ${bytes} bytes, its header declares ${entry.bytes}`);
    if (isDeflated && inflate.bytesWritten !== entry.compressedBytes)
      throw fail('holds bytes behind its end');
    if (crc !== entry.crc) throw fail('is damaged: its checksum is another');
  }

  async *#compressed({ start, compressedBytes }: ZipEntry): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < compressedBytes; at += pieceBytes) {
      yield await readAt(this.#file, start + at, Math.min(pieceBytes, compressedBytes - at));
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

async function readDirectory(file: FileHandle): Promise<ZipEntry[]> {
  const { size } = await file.stat();
  if (size > limits.archiveBytes)
    throw badArchive(`it has ${size} bytes, at most ${limits.archiveBytes} are read`);
  if (size < headerBytes.end) throw badArchive('it is too short for a zip file');
  const end = await readAt(file, size - headerBytes.end, headerBytes.end);
  if (end.readUInt32LE(0) !== signatures.end) {
    throw badArchive('it does not end as a zip file does; it may be cut off');
  }
  const count = end.readUInt16LE(10);
  const directoryBytes = end.readUInt32LE(12);
  const directoryStart = end.readUInt32LE(16);
  if (end.readUInt32LE(4) !== 0 || end.readUInt16LE(8) !== count)
    throw badArchive('it is one part of several');
  if (end.readUInt16LE(20) !== 0) throw badArchive('it has a comment');
  if (count === 0xffff || directoryStart === 0xffff_ffff) throw badArchive('it is a zip64 file');
  if (count > limits.entries) throw badArchive(`it has ${count} files, at most ${limits.entries} are read`);
  if (directoryStart + directoryBytes !== size - headerBytes.end) {
    throw badArchive('its directory is not where it should be; it may be cut off');
  }
  if (directoryBytes > count * (headerBytes.central + limits.nameBytes))
    throw badArchive('its directory is too large');
  const directory = await readAt(file, directoryStart, directoryBytes);
  const entries: ZipEntry[] = [];
  let at = 0;
  let next = 0;
  for (let i = 0; i < count; i++) {
    const header = readCentralHeader(directory, at);
    at = header.end;
    if (header.offset !== next)
      throw badArchive(`${show(header.entry.name)} does not follow the file before it`);
    const entry = await locate(file, header, directoryStart);
    next = entry.start + entry.compressedBytes;
    entries.push(entry);
  }
  if (at !== directoryBytes || next !== directoryStart)
    throw badArchive('it holds bytes that belong to no file');
  checkTogether(entries);
  return entries;
}

interface CentralHeader {
  entry: Omit<ZipEntry, 'start'>;
  /** The bytes that the local header repeats. */
  shared: Buffer;
  offset: number;
  end: number;
}

function readCentralHeader(directory: Buffer, at: number): CentralHeader {
  const header = directory.subarray(at, at + headerBytes.central);
  if (header.length < headerBytes.central || header.readUInt32LE(0) !== signatures.central) {
    throw badArchive('its directory is damaged');
  }
  const nameBytes = header.readUInt16LE(28);
  const end = at + headerBytes.central + nameBytes;
  if (nameBytes > limits.nameBytes || end > directory.length) throw badArchive('its directory is damaged');
  const name = directory.toString('latin1', at + headerBytes.central, end);
  const flags = header.readUInt16LE(8);
  const entry = {
    name,
    method: header.readUInt16LE(10),
    crc: header.readUInt32LE(16),
    compressedBytes: header.readUInt32LE(20),
    bytes: header.readUInt32LE(24),
  };
  const attributes = header.readUInt32LE(38);
  const fileType = (attributes >>> 28) & 0xf;
  const madeOnUnix = header[5] === 3;
  const problem =
    nameProblem(name) ??
    // Bits 1 and 2 say how hard a packer tried, bit 11 that names are UTF-8.
    (flags & 1
      ? 'it is encrypted'
      : flags & ~0x0806
        ? 'it uses zip features that are not read here'
        : header.readUInt16LE(30) + header.readUInt16LE(32) > 0
          ? 'it has extra fields'
          : madeOnUnix && fileType !== 0 && fileType !== 8
            ? 'it is a link or a device, not a file'
            : attributes & 0x10
              ? 'it is a folder'
              : entry.method !== methods.stored && entry.method !== methods.deflated
                ? `its compression method ${entry.method} is not read here`
                : entry.method === methods.stored && entry.bytes !== entry.compressedBytes
                  ? 'its sizes contradict each other'
                  : isBomb(entry.bytes, entry.compressedBytes)
                    ? `it declares ${entry.bytes} bytes from ${entry.compressedBytes}: a zip bomb`
                    : undefined);
  if (problem) throw badArchive(`${show(name)}: ${problem}`);
  return { entry, shared: header.subarray(8, 30), offset: header.readUInt32LE(42), end };
}

/** Finds the content, and refuses a local header that says anything else than the directory. */
async function locate(file: FileHandle, header: CentralHeader, limit: number): Promise<ZipEntry> {
  const { entry, shared, offset } = header;
  const nameBytes = entry.name.length;
  const start = offset + headerBytes.local + nameBytes;
  const wrong = (why: string) => badArchive(`${show(entry.name)}: ${why}`);
  if (start + entry.compressedBytes > limit) throw wrong('it reaches beyond the end of the files');
  const local = await readAt(file, offset, headerBytes.local + nameBytes);
  const same =
    local.readUInt32LE(0) === signatures.local &&
    local.subarray(6, 28).equals(shared) &&
    local.readUInt16LE(28) === 0 &&
    local.toString('latin1', headerBytes.local) === entry.name;
  if (!same) throw wrong('its two headers contradict each other');
  return { ...entry, start };
}

function checkTogether(entries: readonly ZipEntry[]): void {
  const names = new Set<string>();
  for (const { name } of entries) {
    if (names.has(name)) throw badArchive(`${show(name)} is in it twice`);
    names.add(name);
  }
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  if (bytes > limits.contentBytes) {
    throw badArchive(`it would unpack to ${bytes} bytes, at most ${limits.contentBytes} are read`);
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead < length) throw badArchive('it is cut off');
  return buffer;
}
