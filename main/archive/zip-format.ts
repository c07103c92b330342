import { UserError } from '../../shared/errors.ts';

/**
 * The part of the zip format that run archives use (PKWARE APPNOTE 6.3): no zip64, no encryption, no data descriptors,
 * no extra fields, methods 0 (stored) and 8 (deflate). One file follows the other without holes, then the directory.
 */
export const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50 } as const;
export const headerBytes = { local: 30, central: 46, end: 22 } as const;
export const methods = { stored: 0, deflated: 8 } as const;

/** What an archive may hold at most; checked from the headers before anything is read, and again while reading. */
export const limits = {
  /** Bytes of the file itself, and of all its content: what 32-bit zip can say. */
  archiveBytes: 0xffff_fffe,
  contentBytes: 0xffff_fffe,
  entries: 4096,
  nameBytes: 200,
  /**
   * Content per compressed byte. Deflate ends at 1032; checkpoints of extremely sparse networks reach a few hundred,
   * and what would exceed this is written uncompressed.
   */
  ratio: 500,
  /** Small files may compress as well as they can: nothing is gained by forging them. */
  ratioFromBytes: 1 << 20,
} as const;

export const isBomb = (bytes: number, compressedBytes: number): boolean =>
  bytes > limits.ratioFromBytes && bytes > limits.ratio * compressedBytes;

/** @returns what is wrong with the name of a file in an archive; undefined if it is one that we write */
export function nameProblem(name: string): string | undefined {
  if (name.includes('\0')) return 'its name holds a NUL';
  if (name.includes('\\')) return 'its name holds a backslash';
  if (/^(\/|[A-Za-z]:)/.test(name)) return 'its path is absolute';
  if (name.endsWith('/')) return 'it is a folder';
  if (name.split('/').some((part) => part === '..' || part === '.' || part === ''))
    return 'its path leads elsewhere';
  if (!/^[a-z0-9._-]+(\/[a-z0-9._-]+)*$/.test(name))
    return 'its name holds more than a-z, 0-9, dot, dash and underscore';
  return undefined;
}

export const badArchive = (why: string, cause?: unknown): UserError =>
  new UserError('bad-archive', `not a readable run archive: ${why}. Nothing was imported`, 'path', { cause });
