// `npm run <task>`: sets up what the task needs, says what it is doing, then runs it under the pinned Node.
import { join } from 'node:path';
import { ensureDependencies, ensureNative, filigreeCommand, nodeBinary, root, run } from './setup.mjs';

const [task, ...args] = process.argv.slice(2);
const tool = (path, ...rest) => [join(root, 'node_modules', path), ...rest];
const source = (path, ...rest) => ['--disable-warning=ExperimentalWarning', join(root, path), ...rest];

/**
 * `native`, `window`: what must be built before; `commands`: arguments for Node, one after the other until one fails;
 * the last one gets the rest of the command line.
 */
const tasks = {
  start: { native: true, window: true },
  filigree: { native: true, window: args[0] === 'serve', commands: [filigreeCommand()] },
  quickstart: { native: true, commands: [filigreeCommand('quickstart')] },
  bench: { native: true, window: args[0] === 'ui', commands: [source('test/bench/index.ts')] },
  test: { native: true, window: true, commands: [tool('vitest/vitest.mjs', 'run')] },
  lint: { commands: [tool('eslint/bin/eslint.js', '.', '--max-warnings=0')] },
  typecheck: {
    commands: [
      tool('vue-tsc/bin/vue-tsc.js', '--noEmit', '-p', 'renderer/tsconfig.json'),
      tool('typescript/bin/tsc', '--noEmit'),
    ],
  },
  format: { commands: [tool('prettier/bin/prettier.cjs', '--write', '.', '--log-level=warn')] },
  build: { commands: [tool('electron-vite/bin/electron-vite.js', 'build')] },
};

if (!Object.hasOwn(tasks, task)) {
  process.stderr.write(`filigree: unknown task ${task}; there are ${Object.keys(tasks).join(', ')}\n`);
  process.exit(2);
}
const { native, window, commands } = tasks[task];
ensureDependencies();
if (native) await ensureNative();
if (window) await (await import('./build-window.mjs')).ensureWindow();
process.exitCode = await (commands ? runAll(commands) : (await import('./start.mjs')).start(args));

async function runAll([first, ...others]) {
  const isLast = others.length === 0;
  const code = await run(nodeBinary(), isLast ? [...first, ...args] : first);
  return isLast || code !== 0 ? code : runAll(others);
}
