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
  const { flags, problem } = releaseFlags({ ...process, installers });
  if (problem) fail(problem);
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
    ...flags,
    ...args,
  ]);
}

/** The folder that holds an Electron; on a Mac its program lies three levels inside an application folder. */
const distributionOf = (path) =>
  process.platform === 'darwin' ? resolve(dirname(path), '..', '..', '..') : dirname(path);

/**
 * What of a package depends on who releases it, as flags for electron-builder. Read from the environment:
 * FILIGREE_MAINTAINER ("Name <address>") and FILIGREE_HOMEPAGE, which a .deb and an .rpm must name; FILIGREE_UPDATES
 * ("owner/repository" on GitHub), where the application looks for newer versions; CSC_LINK, electron-builder's own name
 * for the certificate that signs it.
 * @returns {{ flags?: string[], problem?: string }} `problem` says what is missing
 */
export function releaseFlags({ env, platform, arch, installers }) {
  const { FILIGREE_MAINTAINER: maintainer, FILIGREE_HOMEPAGE: homepage, FILIGREE_UPDATES: updates } = env;
  if (platform === 'linux' && installers && !(maintainer && homepage)) {
    const example = 'FILIGREE_MAINTAINER="Name <address>" and FILIGREE_HOMEPAGE=https://...';
    return { problem: `installers name a maintainer and a home page: set ${example}` };
  }
  const flags = [];
  if (maintainer) flags.push(`-c.linux.maintainer=${maintainer}`);
  if (homepage) flags.push(`-c.extraMetadata.homepage=${homepage}`);
  if (updates) {
    const [owner, repository] = updates.split('/');
    flags.push('-c.publish.provider=github', `-c.publish.owner=${owner}`, `-c.publish.repo=${repository}`);
    // Both kinds of Mac would write the same file name otherwise, for they are built on different machines.
    if (platform === 'darwin') flags.push(`-c.publish.channel=latest-${arch}`);
  }
  // The hardened runtime loads only what the same team has signed, which is nothing where nobody signs.
  if (platform === 'darwin' && !env.CSC_LINK) flags.push('-c.mac.hardenedRuntime=false');
  return { flags };
}
