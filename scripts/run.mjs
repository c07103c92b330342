// `npm run <task>`: sets up what the task needs, says what it is doing, then runs it under the pinned Node.
import { join } from 'node:path';
import {
  ensureDependencies,
  ensureNative,
  ensureTensorflow,
  filigreeCommand,
  nodeBinary,
  root,
  run,
} from './setup.mjs';

const [task, ...args] = process.argv.slice(2);
const tool = (path, ...rest) => [join(root, 'node_modules', path), ...rest];
const source = (path, ...rest) => ['--disable-warning=ExperimentalWarning', join(root, path), ...rest];

const playwright = (...projects) =>
  tool(
    '@playwright/test/cli.js',
    'test',
    '--config=test/e2e/playwright.config.ts',
    ...projects.map((project) => `--project=${project}`),
  );
// FILIGREE_TEST_REPORT names a folder for reports that a program can read.
const report = process.env.FILIGREE_TEST_REPORT;
const json = report ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}/unit.json`] : [];

/**
 * `native`, `window`, `browser`, `tensorflow`: what must be there before, the last one if it can be had; `commands`: arguments for Node, one after the other; the
 * last one gets the rest of the command line.
 */
const tasks = {
  start: { native: true, window: true },
  filigree: { native: true, window: args[0] === 'serve', commands: [filigreeCommand()] },
  quickstart: { native: true, commands: [filigreeCommand('quickstart')] },
  'setup:tensorflow': { commands: [filigreeCommand('setup', 'tensorflow')] },
  'setup:webgpu': { commands: [filigreeCommand('setup', 'webgpu')] },
  bench: { native: true, window: args[0] === 'ui', commands: [source('test/bench/index.ts')] },
  // With arguments only the unit and integration tests: `npm test -- test/unit/main/store`.
  test: {
    native: true,
    window: true,
    browser: true,
    tensorflow: args.length === 0,
    commands: [
      tool('vitest/vitest.mjs', 'run', ...json),
      ...(args.length === 0 ? [playwright('browser', 'electron')] : []),
    ],
  },
  e2e: { native: true, window: true, browser: true, commands: [playwright('browser', 'electron')] },
  screens: { native: true, window: true, browser: true, commands: [playwright('screens')] },
  lint: { commands: [tool('eslint/bin/eslint.js', '.', '--max-warnings=0')] },
  typecheck: {
    commands: [
      tool('vue-tsc/bin/vue-tsc.js', '--noEmit', '-p', 'renderer/tsconfig.json'),
      tool('typescript/bin/tsc', '--noEmit', '-p', 'test/tsconfig.json'),
      tool('typescript/bin/tsc', '--noEmit'),
    ],
  },
  format: { commands: [tool('prettier/bin/prettier.cjs', '--write', '.', '--log-level=warn')] },
  build: { commands: [tool('electron-vite/bin/electron-vite.js', 'build')] },
  // The addon of TensorFlow for users without a compiler, to be packaged.
  'prebuild:tensorflow': { commands: [[join(root, 'scripts/prebuild-tensorflow.mjs')]] },
  // An unpacked application, and the installers for this kind of machine, in build/package.
  package: { window: true, package: { installers: false, args } },
  dist: { window: true, package: { installers: true, args } },
};

if (!Object.hasOwn(tasks, task)) {
  process.stderr.write(`filigree: unknown task ${task}; there are ${Object.keys(tasks).join(', ')}\n`);
  process.exit(2);
}
const { native, window, browser, tensorflow, commands, package: wanted } = tasks[task];
ensureDependencies();
if (native) await ensureNative();
if (window) await (await import('./build-window.mjs')).ensureWindow();
if (browser) (await import('./browser.mjs')).ensureBrowser();
if (tensorflow) await ensureTensorflow();
if (commands) process.exitCode = await runAll();
else if (wanted) process.exitCode = await (await import('./package.mjs')).makePackage(wanted);
else process.exitCode = await (await import('./start.mjs')).start(args);

/** Runs every command, also after one has failed. @returns the first exit code that is not 0 */
async function runAll() {
  let result = 0;
  for (const command of commands) {
    const code = await run(nodeBinary(), command === commands.at(-1) ? [...command, ...args] : command);
    result ||= code;
  }
  return result;
}
