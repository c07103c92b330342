import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '../../../../shared/errors.ts';
import { findUp } from '../../find-up.ts';
import { addonKey, addonSources, type AddonSources } from './addon-sources.ts';
import { linked } from './libraries.ts';
import { runTool } from './run-tool.ts';

const mac = process.platform === 'darwin';
const compileFlags = [
  '-std=c++17',
  '-O3',
  '-fPIC',
  '-fvisibility=hidden',
  '-w',
  '-DNAPI_VERSION=8',
  '-DNODE_ADDON_API_CPP_EXCEPTIONS_ALL',
  '-DNODE_GYP_MODULE_NAME=tfjs_binding',
];
const linkFlags = mac
  ? ['-bundle', '-undefined', 'dynamic_lookup', '-Wl,-rpath,@loader_path/../lib']
  : ['-shared', '-pthread', '-Wl,-s', '-Wl,-rpath,$ORIGIN/../lib'];

/** Addons that were built beforehand, for computers without a compiler. */
const prebuilds = () => findUp('resources', 'prebuilds');

/**
 * Makes sure that an engine's folder has the addon that belongs to this version of the product: the one that is there,
 * the prebuilt one, or one compiled now (20 s).
 * @param folder with `lib` and `include`
 * @returns its path within the folder
 * @throws UserError `no-library` where the folder has no TensorFlow, `no-compiler`, `build-failed`
 */
export async function ensureAddon(folder: string, report: (text: string) => void): Promise<string> {
  const libraries = linked(await readdir(join(folder, 'lib')).catch(() => []));
  if (!libraries)
    throw new UserError('no-library', 'libtensorflow and libtensorflow_framework were not found there');
  const sources = addonSources();
  const platform = `${process.platform}-${process.arch}`;
  // Without sources the product is a packaged one, whose only prebuilt addon for a platform is the right one.
  const key = sources ? addonKey(sources, [platform, ...compileFlags, ...linkFlags, ...libraries]) : '';
  const wanted = `tensorflow-${platform}-${key}`;
  await mkdir(join(folder, 'addon'), { recursive: true });
  const present = (await readdir(join(folder, 'addon'))).find((name) => name === `${wanted}.node`);
  if (present) return `addon/${present}`;

  const ready = prebuilds();
  const prebuilt =
    ready && (await readdir(ready)).find((name) => name.startsWith(wanted) && name.endsWith('.node'));
  if (!prebuilt && !sources) {
    throw new UserError(
      'no-addon',
      `there is no TensorFlow addon for ${platform}, and its sources (the npm package @tensorflow/tfjs-node-gpu) are not here`,
    );
  }
  const name = prebuilt ?? `${wanted}.node`;
  const fresh = join(folder, 'addon', `${name}.${process.pid}`);
  if (prebuilt) await copyFile(join(ready, prebuilt), fresh);
  else {
    report('compiling the addon');
    await compile(sources!, folder, libraries, fresh);
  }
  await rename(fresh, join(folder, 'addon', name));
  return `addon/${name}`;
}

/** Compiles every source and links them with the libraries of `folder`. */
async function compile(
  sources: AddonSources,
  folder: string,
  libraries: readonly string[],
  output: string,
): Promise<void> {
  const compiler = await findCompiler();
  const workplace = await mkdtemp(join(folder, 'addon', 'build-'));
  try {
    for (const [name, text] of sources) await writeFile(join(workplace, name), text);
    const require = createRequire(import.meta.url);
    const includes = [
      (require('node-api-headers') as { include_dir: string }).include_dir,
      dirname(require.resolve('node-addon-api')),
      join(folder, 'include'),
      workplace,
    ].map((path) => `-I${path}`);
    const files = [...sources.keys()]
      .filter((name) => name.endsWith('.cc'))
      .map((name) => join(workplace, name));
    await Promise.all(
      files.map((file) => build(compiler, [...compileFlags, ...includes, '-c', file, '-o', `${file}.o`])),
    );
    const objects = files.map((file) => `${file}.o`);
    await build(compiler, [
      ...linkFlags,
      '-o',
      output,
      ...objects,
      ...libraries.map((name) => join(folder, 'lib', name)),
    ]);
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
}

async function build(compiler: string, args: readonly string[]): Promise<void> {
  const done = await runTool(compiler, args);
  if (done?.code === 0) return;
  throw new UserError(
    'build-failed',
    `the TensorFlow addon did not compile: ${done?.output ?? `${compiler} is gone`}`,
  );
}

async function findCompiler(): Promise<string> {
  for (const command of [process.env.CXX, 'c++', 'g++', 'clang++']) {
    if (command && (await runTool(command, ['--version']))?.code === 0) return command;
  }
  const how = mac
    ? 'run "xcode-select --install"'
    : 'run "sudo apt-get install g++" or "sudo dnf install gcc-c++"';
  throw new UserError('no-compiler', `the TensorFlow addon needs a C++ compiler to be built: ${how}`);
}
