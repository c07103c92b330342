import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../../store/atomic-write.ts';
import { enginesFolder } from '../../engines-folder.ts';

/** What `engine.json` in the engine's folder says; written last, so its presence means that the engine is whole. */
export interface Installation {
  /** Of the libraries, as they say it themselves. */
  version: string;
  gpu: boolean;
  /** Where the libraries came from, in words. */
  source: string;
  /** The addon's path within the folder; its name holds the hash of what it was built from. */
  addon: string;
}

/** The engine's folder: `lib`, `include`, `addon` and `engine.json`. */
export const tensorflowFolder = () => join(enginesFolder(), 'tensorflow');

/** What is installed, or undefined. */
export function installedTensorflow(folder = tensorflowFolder()): Installation | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'engine.json'), 'utf8')) as Installation;
  } catch {
    return undefined;
  }
}

export async function recordInstallation(folder: string, installation: Installation): Promise<void> {
  const text = `${JSON.stringify(installation, null, 2)}\n`;
  await writeFileAtomic(join(folder, 'engine.json'), new TextEncoder().encode(text));
}
