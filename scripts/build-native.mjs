// Compiles the native CPU backend into build/native/filigree.node with the C++ compiler of this machine.
// Plain JavaScript without dependencies and without node-gyp: headers come from the installed packages
// node-api-headers and node-addon-api, nothing is downloaded. A call with nothing to do takes milliseconds.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sourceFolder = join(root, 'main', 'backends', 'native', 'src');
const buildFolder = join(root, 'build', 'native');
const addon = join(buildFolder, 'filigree.node');
const stampFile = join(buildFolder, 'stamp');
const dayMs = 24 * 3600 * 1000;

/**
 * Builds the addon unless it is up to date.
 * @param {{ quiet?: boolean, env?: Record<string, string | undefined> }} options `env` is where CXX and PATH are read
 * @returns {Promise<{ ok: true, path: string } | { ok: false, reason: string }>} `reason` is a sentence for the user
 */
export async function buildNative({ quiet = false, env = process.env } = {}) {
  const compiler = findCompiler(env);
  if (!compiler)
    return { ok: false, reason: `No C++ compiler was found: ${howToInstall(process.platform)}.` };
  const toolchain = compiler.msvc ? msvcToolchain(compiler) : unixToolchain(compiler);
  const sources = listSources(sourceFolder);
  const stamp = digest(
    [process.platform, process.arch, compiler.version, toolchain.link(['objects'], 'addon').join(' ')],
    sources,
  );
  if (existsSync(addon) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    return { ok: true, path: addon };
  }
  if (!quiet)
    process.stderr.write(`filigree: compiling the native kernels with ${compiler.command} (once) ...\n`);
  const started = Date.now();
  try {
    mkdirSync(buildFolder, { recursive: true });
    toolchain.prepare?.();
    const objects = await compileAll(toolchain, sources, compiler);
    // Linked aside and renamed: a process that has the old addon loaded keeps it, a parallel build does no harm.
    const fresh = `${addon}.${process.pid}`;
    await execute(toolchain.command, toolchain.link(objects, fresh), toolchain.env);
    renameSync(fresh, addon);
    writeFileSync(stampFile, stamp);
  } catch (error) {
    return { ok: false, reason: `The native kernels did not compile: ${error.message}` };
  }
  if (!quiet)
    process.stderr.write(
      `filigree: native kernels ready in ${((Date.now() - started) / 1000).toFixed(0)} s\n`,
    );
  return { ok: true, path: addon };
}

/** What to install where no compiler is found. */
function howToInstall(platform) {
  if (platform === 'darwin') return 'run "xcode-select --install"';
  if (platform === 'win32')
    return 'install Visual Studio Build Tools with the workload "Desktop development with C++"';
  return 'run "sudo apt-get install g++" (Debian, Ubuntu) or "sudo dnf install gcc-c++" (Fedora)';
}

/** The first compiler that answers; on Windows the newest Visual Studio with its environment. */
function findCompiler(env) {
  if (process.platform === 'win32' && !env.CXX) return findVisualStudio(env);
  for (const command of [env.CXX, 'c++', 'g++', 'clang++'].filter(Boolean)) {
    const answer = spawnSync(command, ['--version'], { encoding: 'utf8', env });
    if (answer.status === 0) return { command, version: answer.stdout, env, msvc: false };
  }
  return undefined;
}

function findVisualStudio(env) {
  const vswhere = join(env['ProgramFiles(x86)'] ?? '', 'Microsoft Visual Studio', 'Installer', 'vswhere.exe');
  const tools = 'Microsoft.VisualStudio.Component.VC.Tools.x86.x64';
  const found = spawnSync(
    vswhere,
    ['-latest', '-products', '*', '-requires', tools, '-property', 'installationPath'],
    {
      encoding: 'utf8',
    },
  );
  if (found.status !== 0 || !found.stdout.trim()) return undefined;
  const vcvars = join(found.stdout.trim(), 'VC', 'Auxiliary', 'Build', 'vcvarsall.bat');
  const target = process.arch === 'arm64' ? 'arm64' : 'x64';
  const dump = spawnSync(`"${vcvars}" ${target} >nul && set`, { shell: true, encoding: 'utf8', env });
  if (dump.status !== 0) return undefined;
  const settings = dump.stdout.split(/\r?\n/).map((line) => line.split(/=(.*)/s));
  const vcEnv = Object.fromEntries(settings.filter(([key, value]) => key && value !== undefined));
  return { command: 'cl', version: vcEnv.VCToolsVersion ?? '', env: vcEnv, msvc: true };
}

/** Instruction-set flags of the kernel files; every other file is compiled for any machine of the architecture. */
const isaFlags = {
  x64: {
    'avx512.cc': ['-mavx512f', '-mavx512vl', '-mavx512dq', '-mavx512bw', '-mavx2', '-mfma'],
    'avx2.cc': ['-mavx2', '-mfma'],
  },
};
const msvcIsaFlags = { x64: { 'avx512.cc': ['/arch:AVX512'], 'avx2.cc': ['/arch:AVX2'] } };

const defines = ['NAPI_VERSION=8', 'NODE_ADDON_API_CPP_EXCEPTIONS_ALL', 'NODE_GYP_MODULE_NAME=filigree'];

function includeFolders() {
  const require = createRequire(import.meta.url);
  return [
    require('node-api-headers').include_dir,
    resolve(require.resolve('node-addon-api'), '..'),
    sourceFolder,
  ];
}

function unixToolchain({ command, env }) {
  const mac = process.platform === 'darwin';
  // Contraction is off so that update rules round alike on every machine; the kernels ask for fma by name.
  const common = [
    '-std=c++17',
    '-O3',
    '-fPIC',
    '-fvisibility=hidden',
    '-ffp-contract=off',
    '-fno-math-errno',
  ];
  return {
    command,
    env,
    objectSuffix: '.o',
    flags: (file) => [
      ...common,
      ...(isaFlags[process.arch]?.[file] ?? []),
      ...defines.map((d) => `-D${d}`),
      ...includeFolders().map((folder) => `-I${folder}`),
    ],
    compile: (flags, source, object) => [...flags, '-c', source, '-o', object],
    link: (objects, output) => [
      ...(mac ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared', '-pthread', '-Wl,-s']),
      '-o',
      output,
      ...objects,
    ],
  };
}

function msvcToolchain({ command, env }) {
  const importLibrary = join(buildFolder, 'node.lib');
  const target = process.arch === 'arm64' ? 'arm64' : 'x64';
  return {
    command,
    env,
    objectSuffix: '.obj',
    flags: (file) => [
      '/nologo',
      '/std:c++17',
      '/O2',
      '/EHsc',
      '/MD',
      '/fp:precise',
      ...(msvcIsaFlags[process.arch]?.[file] ?? []),
      ...[...defines, 'NOMINMAX'].map((d) => `/D${d}`),
      ...includeFolders().map((folder) => `/I${folder}`),
    ],
    compile: (flags, source, object) => [...flags, '/c', source, `/Fo${object}`],
    // Node's symbols are looked up when first called, in whichever program loads the addon: node.exe or Electron's.
    link: (objects, output) => [
      '/nologo',
      '/LD',
      ...objects,
      `/Fe${output}`,
      '/link',
      importLibrary,
      'delayimp.lib',
      '/DELAYLOAD:node.exe',
    ],
    prepare() {
      const { def_paths: paths } = createRequire(import.meta.url)('node-api-headers');
      const names = [paths.js_native_api_def, paths.node_api_def].flatMap((path) =>
        readFileSync(path, 'utf8')
          .split(/\r?\n/)
          .filter((line) => /^\s*(napi|node_api)_\w+\s*$/.test(line)),
      );
      const def = join(buildFolder, 'node.def');
      writeFileSync(def, ['NAME NODE.EXE', 'EXPORTS', ...new Set(names)].join('\n'));
      const made = spawnSync(
        'lib',
        ['/nologo', `/def:${def}`, `/out:${importLibrary}`, `/machine:${target}`],
        { env, encoding: 'utf8' },
      );
      if (made.status !== 0)
        throw new Error(`lib.exe could not make an import library: ${made.stdout}${made.stderr}`);
    },
  };
}

/** The object files of the addon, up to date: benchmarks link the very code that the product ships. */
export async function nativeObjects() {
  const compiler = findCompiler(process.env);
  if (!compiler || compiler.msvc) throw new Error('this needs a C++ compiler with a Unix command line');
  return compileAll(unixToolchain(compiler), listSources(sourceFolder), compiler);
}

/** Compiles what has changed, as many files at once as there are cores, and returns all object files. */
async function compileAll(toolchain, sources, compiler) {
  const folder = join(buildFolder, 'objects');
  mkdirSync(folder, { recursive: true });
  const headers = sources.filter((file) => file.endsWith('.h'));
  const jobs = sources
    .filter((file) => file.endsWith('.cc'))
    .map((source) => {
      const flags = toolchain.flags(basename(source));
      const name = relative(sourceFolder, source).replace(/[\\/]/g, '-').slice(0, -3);
      const hash = digest([compiler.version, ...flags], [source, ...headers]).slice(0, 16);
      return { source, flags, object: join(folder, `${name}-${hash}${toolchain.objectSuffix}`) };
    });
  const wanted = new Set(jobs.map((job) => basename(job.object)));
  const queue = jobs.filter((job) => !existsSync(job.object));
  const work = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      const fresh = job.object.replace(toolchain.objectSuffix, `-${process.pid}${toolchain.objectSuffix}`);
      await execute(toolchain.command, toolchain.compile(job.flags, job.source, fresh), toolchain.env);
      renameSync(fresh, job.object);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism?.() ?? cpus().length }, work));
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    // Younger ones may belong to a build that runs beside this one.
    if (!wanted.has(name) && Date.now() - statSync(file).mtimeMs > dayMs) rmSync(file, { force: true });
  }
  return jobs.map((job) => job.object);
}

function listSources(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? listSources(path) : /\.(cc|h)$/.test(entry.name) ? [path] : [];
    });
}

function digest(texts, files) {
  const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)));
  for (const text of texts) hash.update(`${text}\0`);
  for (const file of files) hash.update(relative(sourceFolder, file)).update(readFileSync(file));
  return hash.digest('hex');
}

function execute(command, args, env) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    child.on('error', fail);
    child.on('close', (status) => {
      if (status === 0) done();
      else fail(new Error(`${command} failed:\n${output.slice(0, 4000)}`));
    });
  });
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const built = await buildNative();
  if (built.ok) process.stdout.write(`${relative(process.cwd(), built.path)}\n`);
  else process.stderr.write(`filigree: ${built.reason}\n`);
  process.exitCode = built.ok ? 0 : 1;
}
