// `npm run <task>`: sets up what the task needs, says what it is doing, then runs it under the pinned Node.
import { join } from 'node:path';
import { ensureDependencies, ensureNative, nodeBinary, root, run } from './setup.mjs';

const [task, ...args] = process.argv.slice(2);
const tool = (path, ...rest) => [join(root, 'node_modules', path), ...rest, ...args];
const source = (path, ...rest) => [
  '--disable-warning=ExperimentalWarning',
  join(root, path),
  ...rest,
  ...args,
];

const tasks = {
  start: { native: true, command: () => source('main/cli/index.ts', 'start') },
  filigree: { native: true, command: () => source('main/cli/index.ts') },
  quickstart: { native: true, command: () => source('main/cli/index.ts', 'quickstart') },
  bench: { native: true, command: () => source('test/bench/index.ts') },
  test: { native: true, command: () => tool('vitest/vitest.mjs', 'run') },
  lint: { command: () => tool('eslint/bin/eslint.js', '.', '--max-warnings=0') },
  typecheck: { command: () => tool('typescript/bin/tsc', '--noEmit') },
  format: { command: () => tool('prettier/bin/prettier.cjs', '--write', '.', '--log-level=warn') },
  build: { command: () => tool('electron-vite/bin/electron-vite.js', 'build') },
};

if (!Object.hasOwn(tasks, task)) {
  process.stderr.write(`filigree: unknown task ${task}; there are ${Object.keys(tasks).join(', ')}\n`);
  process.exit(2);
}
ensureDependencies();
if (tasks[task].native) await ensureNative();
process.exitCode = await run(nodeBinary(), tasks[task].command());
