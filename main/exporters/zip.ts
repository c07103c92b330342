import { unzipSync, zipSync } from 'fflate';
import { UserError } from '../../shared/errors.ts';

/** Zip's own beginning of time: the same content gives the same bytes on any day. */
const epoch = new Date(1980, 0, 1);

/** @throws UserError `too-large` beyond what a zip without extensions can hold */
export function zip(files: Record<string, Uint8Array>): Uint8Array {
  const bytes = Object.values(files).reduce((sum, file) => sum + file.byteLength, 0);
  if (bytes > 0xf0000000) {
    throw new UserError(
      'too-large',
      `a zip file cannot hold ${bytes} bytes; export as safetensors instead`,
      'format',
    );
  }
  return zipSync(files, { level: 6, mtime: epoch });
}

export const unzip = (bytes: Uint8Array): Record<string, Uint8Array> => unzipSync(bytes);

export const jsonFile = (value: unknown): Uint8Array =>
  Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
