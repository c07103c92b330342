import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A file or folder of the product, in the nearest folder above this file that has it: the same from the source tree and
 * from a bundled program.
 */
export function findUp(...path: string[]): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const found = join(folder, ...path);
    if (existsSync(found)) return found;
    if (folder === dirname(folder)) return undefined;
  }
}
