#!/usr/bin/env node
// The `filigree` command of an installed checkout (npm link): the same set-up as `npm run filigree`.
import { join } from 'node:path';
import { ensureDependencies, ensureNative, nodeBinary, root, run } from './setup.mjs';

ensureDependencies();
await ensureNative();
process.exitCode = await run(nodeBinary(), [
  '--disable-warning=ExperimentalWarning',
  join(root, 'main/cli/index.ts'),
  ...process.argv.slice(2),
]);
