import type { BeforePackContext } from 'electron-builder';

/** Refuses to package for another kind of machine. */
export function beforePack(context: Pick<BeforePackContext, 'electronPlatformName' | 'arch'>): void;

/** Sets every fuse and reads them back. */
export function afterPack(context: {
  appOutDir: string;
  electronPlatformName: string;
  packager: { appInfo: { productFilename: string }; executableName: string };
}): Promise<void>;

/** The names of the fuses in a packaged Electron that are not as they should be, unknown ones included. */
export function wrongFuses(electron: string): Promise<string[]>;
