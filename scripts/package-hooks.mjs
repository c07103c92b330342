// Called by electron-builder: what must be true before a package is made, and the fuses set into its Electron.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { flipFuses, FuseState, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';
import { Arch } from 'electron-builder';

/**
 * Switches burnt into the Electron binary, which nobody can turn at run time: it runs as nothing but this application,
 * from an archive whose hash is in the signed binary (macOS and Windows), and takes no Node options or debugger.
 */
export const fuses = {
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  [FuseV1Options.WasmTrapHandlers]: true,
};

/** Refuses to package for another kind of machine: its machine code is not here. */
export function beforePack({ electronPlatformName: platform, arch }) {
  const target = `${platform}-${Arch[arch]}`;
  const here = `${process.platform}-${process.arch}`;
  if (target !== here)
    throw new Error(`a package for ${target} is made on such a machine, and this is ${here}`);
}

/** Takes away the page that Electron shows where it finds no application. */
export function afterExtract({ appOutDir, packager }) {
  rmSync(join(packager.getResourcesDir(appOutDir), 'default_app.asar'), { force: true });
}

/** Sets every fuse and reads them back; a fuse that a newer Electron brings must be decided on here first. */
export async function afterPack({ appOutDir, packager, electronPlatformName: platform }) {
  const { productFilename } = packager.appInfo;
  const names = {
    darwin: `${productFilename}.app`,
    win32: `${productFilename}.exe`,
    linux: packager.executableName,
  };
  const electron = join(appOutDir, names[platform]);
  await flipFuses(electron, {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    resetAdHocDarwinSignature: platform === 'darwin',
    ...fuses,
  });
  const wrong = await wrongFuses(electron);
  if (wrong.length > 0) throw new Error(`fuses of ${electron} are not as they were set: ${wrong.join(', ')}`);
}

/** @returns the names of the fuses in a packaged Electron that are not as `fuses` has them, unknown ones included */
export async function wrongFuses(electron) {
  const wire = await getCurrentFuseWire(electron);
  const all = new Set([...Object.keys(fuses), ...Object.keys(wire).filter((key) => /^\d+$/.test(key))]);
  const wanted = (fuse) => fuse in fuses && (fuses[fuse] ? FuseState.ENABLE : FuseState.DISABLE);
  return [...all]
    .filter((fuse) => wire[fuse] !== wanted(fuse))
    .map((fuse) => FuseV1Options[fuse] ?? `fuse ${fuse}`);
}
