import { closeSync, createReadStream, openSync, statSync, writeSync } from 'node:fs';
import { Unzip, UnzipInflate } from 'fflate';

/**
 * Takes files out of a zip archive in one pass and a few megabytes of memory.
 * @param target where a file of the archive goes, or undefined to leave it out; its folder must be there
 * @param onProgress the share of the archive that is read
 * @returns how many files were taken
 */
export async function unpack(
  archive: string,
  target: (name: string) => string | undefined,
  onProgress: (fraction: number) => void,
): Promise<number> {
  const size = statSync(archive).size;
  const open = new Set<number>();
  let taken = 0;
  let failure: Error | undefined;
  const unzip = new Unzip((file) => {
    const path = target(file.name);
    if (path === undefined) return;
    const output = openSync(path, 'wx');
    open.add(output);
    file.ondata = (error, chunk, final) => {
      if (error) failure ??= error;
      else writeAll(output, chunk);
      if (!final) return;
      closeSync(output);
      open.delete(output);
      taken += 1;
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  let read = 0;
  try {
    for await (const chunk of createReadStream(archive, {
      highWaterMark: 2 ** 20,
    }) as AsyncIterable<Buffer>) {
      read += chunk.length;
      unzip.push(chunk, read === size);
      if (failure) throw failure;
      onProgress(read / size);
    }
    if (open.size > 0) throw new Error('the archive ends within a file');
  } finally {
    for (const output of open) closeSync(output);
  }
  return taken;
}

function writeAll(file: number, chunk: Uint8Array): void {
  for (let written = 0; written < chunk.length;) written += writeSync(file, chunk, written);
}
