import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../../../shared/errors.ts';
import type { InstallOptions } from '../../engine.ts';
import { bytesIn, checkHash, download, pipDownload } from './download.ts';
import { placeOf, placeOfCuda } from './libraries.ts';
import { cudaPackages, officialBinary, wheel } from './release.ts';
import { runTool } from './run-tool.ts';
import { unpack } from './unpack.ts';

type Report = InstallOptions['onProgress'];

/** Puts TensorFlow's libraries and headers into a folder's `lib` and `include`. @returns where from, in words */
export type Source = (folder: string, report: Report) => Promise<string>;

export function hostPlatform(): string {
  return `${process.platform}-${process.arch}`;
}

/**
 * A folder that the user names: one with the official wheel in it, Python's `site-packages/tensorflow`, or a C
 * distribution with `lib` and `include`.
 */
export function namedFolder(from: string): Source {
  return async (folder, report) => {
    const found = await stat(from).catch(() => undefined);
    if (!found?.isDirectory()) {
      throw new UserError('no-folder', `--from: ${from} is not a folder`, 'from');
    }
    const archive = join(from, wheel.cpu.file);
    if (await stat(archive).catch(() => undefined)) {
      report({ text: `checking ${wheel.cpu.file}`, fraction: undefined });
      await checkHash(archive, wheel.cpu.sha256);
      await unpackInto(folder, [archive], report);
      return `${wheel.cpu.file} in ${from}`;
    }
    report({ text: `copying TensorFlow from ${from}`, fraction: undefined });
    for (const name of await readdir(from, { recursive: true })) {
      const place = placeOf(name.replaceAll('\\', '/'));
      if (place === undefined) continue;
      await mkdir(dirname(join(folder, place)), { recursive: true });
      await copyFile(join(from, name), join(folder, place), constants.COPYFILE_FICLONE);
    }
    return from;
  };
}

/**
 * The official wheel through pip.
 * @throws UserError `no-pip`, `wrong-platform`, `download-failed`, `wrong-hash`
 */
export function officialWheel(gpu: boolean): Source {
  return async (folder, report) => {
    if (hostPlatform() !== wheel.platform) {
      throw new UserError(
        'wrong-platform',
        `the wheel of TensorFlow ${wheel.version} is for ${wheel.platform} and this is ${hostPlatform()}; --from FOLDER ` +
          'takes a C distribution of TensorFlow for this platform',
      );
    }
    const downloads = join(folder, 'downloads');
    await mkdir(downloads);
    const wanted = `${(gpu ? wheel.gpu : wheel.cpu).package}==${wheel.version}`;
    const text = `fetching ${wanted} through pip`;
    report({ text, fraction: undefined });
    const watch = setInterval(async () => {
      const fraction = gpu ? undefined : Math.min((await bytesIn(downloads)) / wheel.cpu.bytes, 1);
      report({ text, fraction });
    }, 1000);
    try {
      await pipDownload(gpu ? [wanted, ...cudaPackages] : [wanted], downloads);
    } finally {
      clearInterval(watch);
    }
    if (!gpu) await checkHash(join(downloads, wheel.cpu.file), wheel.cpu.sha256);
    const archives = (await readdir(downloads)).filter((file) => file.endsWith('.whl'));
    const paths = archives.map((file) => join(downloads, file));
    await unpackInto(folder, paths, report);
    await rm(downloads, { recursive: true });
    return `the wheel ${wanted}`;
  };
}

/**
 * What tfjs-node-gpu downloads itself. Its publisher gives no hash to hold it against.
 * @throws UserError `wrong-platform`, `download-failed`
 */
export function tfjsBinary(gpu: boolean): Source {
  return async (folder, report) => {
    if (hostPlatform() !== 'linux-x64') {
      throw new UserError(
        'wrong-platform',
        `the official binary is for linux-x64 and this is ${hostPlatform()}`,
      );
    }
    const base = process.env.TFJS_NODE_BASE_URI || officialBinary.base;
    const url = `${base}${gpu ? 'gpu' : 'cpu'}-linux-x86_64-${officialBinary.version}.tar.gz`;
    report({ text: `fetching ${url}`, fraction: undefined });
    const unpacked = join(folder, 'unpacked');
    await mkdir(unpacked, { recursive: true });
    const archive = join(unpacked, 'libtensorflow.tar.gz');
    await download(url, archive);
    const tar = await runTool('tar', ['-xzf', archive, '-C', unpacked]);
    if (tar?.code !== 0) {
      throw new UserError(
        'download-failed',
        `${url} could not be unpacked: ${tar?.output ?? 'tar was not found'}`,
      );
    }
    await namedFolder(unpacked)(folder, report);
    await rm(unpacked, { recursive: true });
    return url;
  };
}

async function unpackInto(folder: string, archives: readonly string[], report: Report): Promise<void> {
  await Promise.all(
    [
      'lib',
      'include/tensorflow/c/eager',
      'include/tensorflow/core/platform',
      'include/tsl/platform',
      'include/xla/tsl/c',
    ].map((path) => mkdir(join(folder, path), { recursive: true })),
  );
  const target = (name: string) => {
    const place = placeOf(name) ?? placeOfCuda(name);
    return place && join(folder, place);
  };
  for (const archive of archives) {
    const text = `unpacking ${basename(archive)}`;
    let shown = -1;
    await unpack(archive, target, (fraction) => {
      if (fraction - shown < 0.01) return;
      shown = fraction;
      report({ text, fraction });
    });
  }
}
