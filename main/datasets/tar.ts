import { basename } from 'node:path/posix';
import { UserError } from '../../shared/errors.ts';

const block = 512;

/**
 * The regular files of a tar archive (ustar).
 * @returns contents by base name, as views of `archive`
 * @throws UserError `bad-data` naming the archive when it ends inside a file or is no tar archive
 */
export function readTar(archive: Buffer, name: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; at + block <= archive.length && archive[at] !== 0;) {
    if (archive.toString('latin1', at + 257, at + 262) !== 'ustar') {
      throw new UserError('bad-data', `${name} is not a tar archive: no ustar header at byte ${at}`);
    }
    const path = text(archive, at, 100);
    const size = parseInt(text(archive, at + 124, 12), 8);
    const start = at + block;
    if (!(start + size <= archive.length)) {
      throw new UserError(
        'bad-data',
        `${name} is truncated inside ${path}: ${archive.length - start} of its bytes are there, expected ${size}`,
      );
    }
    const type = archive[at + 156];
    if (type === 0 || type === 0x30) files.set(basename(path), archive.subarray(start, start + size));
    at = start + Math.ceil(size / block) * block;
  }
  return files;
}

function text(archive: Buffer, start: number, length: number): string {
  const field = archive.toString('latin1', start, start + length);
  const end = field.indexOf('\0');
  return end < 0 ? field : field.slice(0, end);
}
