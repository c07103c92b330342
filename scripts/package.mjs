// `npm run package` and `npm run dist`: the application with everything it needs, from the Electron of the lock file.
import { dirname, join, resolve } from 'node:path';
import { buildNative } from './build-native.mjs';
import { ensureElectron } from './electron-binary.mjs';
import { makeIcons } from './make-icons.mjs';
import { fail, nodeBinary, root, run } from './setup.mjs';

const builder = join(root, 'node_modules', 'electron-builder', 'out', 'cli', 'cli.js');

/**
 * Makes a package for this kind of machine; the window and the dependencies must be there.
 * @param {{ installers: boolean, args: string[] }} options `installers`: those of electron-builder.yml, else an unpacked
 *   folder; `args` are passed on to electron-builder
 * @returns {Promise<number>} the exit code
 */
export async function makePackage({ installers, args }) {
  const electron = await ensureElectron({ retry: true });
  if (!electron.path) fail(`no package can be made: ${electron.reason}`);
  const native = await buildNative();
  if (!native.ok) fail(`no package without the native kernels: ${native.reason}`);
  await makeIcons();
  return run(nodeBinary(), [
    builder,
    ...(installers ? [] : ['--dir']),
    '--publish=never',
    `-c.electronDist=${distributionOf(electron.path)}`,
    ...publisher(process.env, installers),
    ...args,
  ]);
}

/** The folder that holds an Electron; on a Mac its program lies three levels inside an application folder. */
const distributionOf = (path) =>
  process.platform === 'darwin' ? resolve(dirname(path), '..', '..', '..') : dirname(path);

/** Who publishes the installers and where: a .deb and an .rpm must name both. */
function publisher({ FILIGREE_MAINTAINER: maintainer, FILIGREE_HOMEPAGE: homepage }, installers) {
  if (process.platform === 'linux' && installers && !(maintainer && homepage)) {
    fail(
      'installers name a maintainer and a home page: set FILIGREE_MAINTAINER="Name <address>" and FILIGREE_HOMEPAGE=https://...',
    );
  }
  return [
    ...(maintainer ? [`-c.linux.maintainer=${maintainer}`] : []),
    ...(homepage ? [`-c.extraMetadata.homepage=${homepage}`] : []),
  ];
}
