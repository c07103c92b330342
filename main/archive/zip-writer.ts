import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { crc32, createDeflateRaw } from 'node:zlib';
import { UserError } from '../../shared/errors.ts';
import { through } from './through.ts';
import { headerBytes, isBomb, limits, methods, signatures } from './zip-format.ts';

export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface WrittenFile {
  path: string;
  bytes: number;
  sha256: string;
}

interface Entry {
  name: Buffer;
  method: number;
  crc: number;
  compressedBytes: number;
  bytes: number;
  offset: number;
}

/** 1 January 1980, zip's first day: the same content gives the same bytes on any day. */
const dosDate = 0x21;

/** Writes a zip file from streams, in bounded memory; sizes go into the headers once they are known. */
export class ZipWriter {
  readonly #file: FileHandle;
  readonly #entries: Entry[] = [];
  #at = 0;

  /** @param file open for writing, empty */
  constructor(file: FileHandle) {
    this.#file = file;
  }

  /**
   * @param open gives the content; called again if it compresses so well that a reader would take it for a bomb
   * @throws UserError `too-large` beyond what a zip without extensions can hold
   */
  async add(path: string, open: () => Chunks): Promise<WrittenFile> {
    const deflated = await this.#write(path, methods.deflated, open());
    if (!isBomb(deflated.entry.bytes, deflated.entry.compressedBytes)) return this.#keep(path, deflated);
    return this.#keep(path, await this.#write(path, methods.stored, open()));
  }

  /** Writes the directory; the file is complete then. */
  async finish(): Promise<void> {
    const start = this.#at;
    for (const entry of this.#entries) await this.#append(Buffer.concat([centralHeader(entry), entry.name]));
    const end = Buffer.alloc(headerBytes.end);
    end.writeUInt32LE(signatures.end, 0);
    end.writeUInt16LE(this.#entries.length, 8);
    end.writeUInt16LE(this.#entries.length, 10);
    end.writeUInt32LE(this.#at - start, 12);
    end.writeUInt32LE(start, 16);
    await this.#append(end);
    await this.#file.truncate(this.#at);
  }

  async #write(path: string, method: number, content: Chunks): Promise<{ entry: Entry; sha256: string }> {
    const entry: Entry = {
      ...{ name: Buffer.from(path), method, crc: 0, compressedBytes: 0, bytes: 0 },
      offset: this.#at,
    };
    const digest = createHash('sha256');
    async function* measured() {
      for await (const chunk of content) {
        entry.crc = crc32(chunk, entry.crc);
        entry.bytes += chunk.byteLength;
        digest.update(chunk);
        yield chunk;
      }
    }
    let at = entry.offset + headerBytes.local + entry.name.length;
    for await (const chunk of method === methods.deflated
      ? through(measured(), createDeflateRaw({ level: 6 }))
      : measured()) {
      await this.#file.write(chunk, 0, chunk.byteLength, at);
      at += chunk.byteLength;
      entry.compressedBytes += chunk.byteLength;
      if (at > limits.archiveBytes || entry.bytes > limits.contentBytes) throw tooLarge(path);
    }
    await this.#file.write(Buffer.concat([localHeader(entry), entry.name]), 0, undefined, entry.offset);
    return { entry, sha256: digest.digest('hex') };
  }

  #keep(path: string, { entry, sha256 }: { entry: Entry; sha256: string }): WrittenFile {
    this.#entries.push(entry);
    this.#at = entry.offset + headerBytes.local + entry.name.length + entry.compressedBytes;
    return { path, bytes: entry.bytes, sha256 };
  }

  async #append(bytes: Buffer): Promise<void> {
    await this.#file.write(bytes, 0, bytes.length, this.#at);
    this.#at += bytes.length;
  }
}

/** What the two headers of a file have in common, from the version that a reader needs to the length of its name. */
function writeShared(header: Buffer, at: number, { name, method, crc, compressedBytes, bytes }: Entry): void {
  header.writeUInt16LE(20, at);
  header.writeUInt16LE(method, at + 4);
  header.writeUInt16LE(dosDate, at + 8);
  header.writeUInt32LE(crc, at + 10);
  header.writeUInt32LE(compressedBytes, at + 14);
  header.writeUInt32LE(bytes, at + 18);
  header.writeUInt16LE(name.length, at + 22);
}

function localHeader(entry: Entry): Buffer {
  const header = Buffer.alloc(headerBytes.local);
  header.writeUInt32LE(signatures.local, 0);
  writeShared(header, 4, entry);
  return header;
}

function centralHeader(entry: Entry): Buffer {
  const header = Buffer.alloc(headerBytes.central);
  header.writeUInt32LE(signatures.central, 0);
  header.writeUInt16LE(20, 4);
  writeShared(header, 6, entry);
  header.writeUInt32LE(entry.offset, 42);
  return header;
}

const tooLarge = (path: string) =>
  new UserError(
    'too-large',
    `a run archive holds up to 4 GiB; ${path} does not fit. Export the weights instead`,
  );
