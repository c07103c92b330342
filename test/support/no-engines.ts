import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * For tests of everything but engines: none is installed beside what comes with the product, whatever this computer
 * has. A run that leaves its engine open would be timed on each first, and get another one on another computer.
 */
export const noEngines = { FILIGREE_ENGINES: join(tmpdir(), 'filigree-no-engines') };
